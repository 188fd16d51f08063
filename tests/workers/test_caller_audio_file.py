"""What a caller may be given to speak, and what is refused before anybody is called."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from domain.errors import Refused
from workers.caller.audio_file import MAX_CLIP_S, SEND_RATE_HZ, read_clip, resample


def sine(rate_hz: int, seconds: float, hz: float = 440.0) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz)).astype(np.int16)


def write_wav(path: Path, rate_hz: int, channels: int, width: int, seconds: float = 0.5) -> None:
    samples = np.repeat(sine(rate_hz, seconds)[:, None], channels, axis=1)
    data = {
        1: ((samples >> 8) + 128).astype(np.uint8).tobytes(),
        2: samples.astype("<i2").tobytes(),
        3: b"".join(struct.pack("<i", int(sample) << 8)[:3] for sample in samples.reshape(-1)),
        4: (samples.astype("<i4") << 16).tobytes(),
    }[width]
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate_hz)
        wav.writeframes(data)


def pitch_hz(pcm: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(pcm)).argmax() * SEND_RATE_HZ / len(pcm))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("channels", "width"), [(1, 2), (2, 2), (1, 1), (2, 3), (1, 4)])
def test_any_wav(tmp_path: Path, rate_hz: int, channels: int, width: int) -> None:
    write_wav(tmp_path / "a.wav", rate_hz, channels, width)
    pcm = read_clip(tmp_path / "a.wav")
    assert pcm.dtype == np.int16
    assert len(pcm) / SEND_RATE_HZ == pytest.approx(0.5, abs=0.005)
    assert pitch_hz(pcm) == pytest.approx(440, abs=3)
    assert np.abs(pcm.astype(int)).max() == pytest.approx(8000, rel=0.1)


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.ogg", "libopus")])
def test_compressed_files(tmp_path: Path, name: str, codec: str) -> None:
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sine(48_000, 1.0)[None], format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    pcm = read_clip(tmp_path / name)
    assert len(pcm) / SEND_RATE_HZ == pytest.approx(1.0, abs=0.1)
    assert pitch_hz(pcm) == pytest.approx(440, abs=3)


def test_silence_is_allowed(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(16_000)
        wav.writeframes(bytes(32_000))
    assert not read_clip(tmp_path / "a.wav").any()


def wav_header(data_bytes: int, rate_hz: int = 16_000) -> bytes:
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + data_bytes) + b"WAVE" + chunk + b"data" + struct.pack("<I", data_bytes)


def sparse_wav(path: Path, claimed_s: int, real_s: int) -> None:
    """A WAV whose header claims one length and whose file has another; the file is a hole, not bytes on the disk."""
    with path.open("wb") as file:
        file.write(wav_header(claimed_s * 32_000))
        file.truncate(44 + real_s * 32_000)


def refusal(path: Path) -> Refused:
    with pytest.raises(Refused) as caught:
        read_clip(path)
    assert path.name in str(caught.value)
    return caught.value


def test_two_hours_are_refused_by_the_header(tmp_path: Path) -> None:
    sparse_wav(tmp_path / "long.wav", 7200, 7200)
    refused = refusal(tmp_path / "long.wav")
    assert refused.code == "too_long"
    assert "120 minutes" in str(refused)


@pytest.mark.timeout(30)
def test_a_length_that_no_header_tells_is_refused_once_it_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "raw.mp3"
    with av.open(str(tmp_path / "one.mp3"), "w") as container:
        stream = container.add_stream("libmp3lame", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000 * 20), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    path.write_bytes((tmp_path / "one.mp3").read_bytes() * (MAX_CLIP_S // 20 + 2))
    assert refusal(path).code == "too_long"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (wav_header(0), "empty_file"),
        (b"not a sound at all\n" * 40, "not_audio"),
        (b"\x00" * 5000, "not_audio"),
        (wav_header(32_000)[:30], "not_audio"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "not_audio"),
        (b"%PDF-1.7 " + bytes(range(256)) * 8, "not_audio"),
    ],
)
def test_what_is_no_sound(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert refusal(tmp_path / "a.wav").code == code


def test_what_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.wav").code == "no_such_file"
    assert refusal(tmp_path).code == "not_audio"


def test_a_picture_is_no_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.png"), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")):
            container.mux(packet)
    assert refusal(tmp_path / "a.png").code == "not_audio"


def test_resampling_keeps_length_and_pitch() -> None:
    pcm = resample(sine(16_000, 1.0), 16_000)
    assert len(pcm) == pytest.approx(SEND_RATE_HZ, abs=50)
    assert pitch_hz(pcm) == pytest.approx(440, abs=3)
    assert len(resample(np.zeros(0, np.int16), 16_000)) == 0
