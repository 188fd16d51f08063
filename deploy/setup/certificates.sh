# Sourced: lets pip, uv and npm trust what this machine trusts, which matters behind a company's own TLS proxy.
for hatif_bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem; do
    if [ -s "$hatif_bundle" ]; then
        export PIP_CERT="${PIP_CERT:-$hatif_bundle}"
        export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
        export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$hatif_bundle}"
        break
    fi
done
