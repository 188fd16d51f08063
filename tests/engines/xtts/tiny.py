"""A tiny XTTS v2 with random weights: the publisher's code and file formats, and no voice to speak of."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models

SPECIAL = ["[STOP]", "[UNK]", "[SPACE]", "[START]", "[en]", "[ar]"]
LETTERS = [*"abcdefghijklmnopqrstuvwxyz.,?!'", *(chr(code) for code in range(0x621, 0x64B))]
AUDIO_TOKENS = 64
MOST_CHUNK_TOKENS = 40
WIDTH = 32


def make(folder: Path) -> None:
    """Its files in `folder`, with one speaker of its own, "Ana Florence"."""
    torch: Any = importlib.import_module("torch")
    configs: Any = importlib.import_module("TTS.tts.configs.xtts_config")
    layers: Any = importlib.import_module("TTS.tts.layers.xtts.tokenizer")
    xtts: Any = importlib.import_module("TTS.tts.models.xtts")
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *LETTERS])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="[UNK]"))
    tokenizer.add_special_tokens([AddedToken(token) for token in SPECIAL])
    tokenizer.save(str(folder / "vocab.json"))
    arguments = configs.XttsArgs(
        gpt_layers=1,
        gpt_n_model_channels=WIDTH,
        gpt_n_heads=2,
        gpt_max_audio_tokens=MOST_CHUNK_TOKENS,
        gpt_num_audio_tokens=AUDIO_TOKENS + 2,
        gpt_start_audio_token=AUDIO_TOKENS,
        gpt_stop_audio_token=AUDIO_TOKENS + 1,
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=WIDTH,
    )
    config = configs.XttsConfig(model_args=arguments)
    config.save_json(str(folder / "config.json"))
    torch.manual_seed(1)
    model = xtts.Xtts(config)
    model.tokenizer = layers.VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    model.init_models()
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    speaker = {"gpt_cond_latent": torch.randn(1, 32, WIDTH), "speaker_embedding": torch.randn(1, 512, 1)}
    torch.save({"Ana Florence": speaker}, folder / "speakers_xtts.pth")
