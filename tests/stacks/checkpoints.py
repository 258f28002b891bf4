"""Run inside a training environment: makes small checkpoints in every layout, and says what a config loads.

Every number in them is `MARK`, so that what was loaded can be told from what was initialised.
"""

import json
import sys
from pathlib import Path

import mmcls.models  # noqa: F401
import timm
import torch
from mmcv import Config
from mmdet.models import build_backbone

MARK = 0.125


def marked(model):
    """The model's tensors by name, every number of them `MARK`."""
    return {
        name: torch.full_like(tensor, MARK) if tensor.is_floating_point() else tensor
        for name, tensor in model.state_dict().items()
    }


def below(prefix, tensors):
    """The same tensors with a prefix before their names."""
    return {prefix + name: tensor for name, tensor in tensors.items()}


def make(folder):
    """Checkpoints of mmcls's ShuffleNetV2, torchvision's ResNet-18, mmdet's Swin, and timm's RegNetX-002."""
    own = marked(build_backbone({"type": "mmcls.ShuffleNetV2"}))
    head = {"head.fc.weight": torch.zeros(3, 1024)}
    half = marked(build_backbone({"type": "mmcls.ShuffleNetV2", "widen_factor": 0.5}))
    ema = {"ema_backbone_conv1_conv_weight": own["conv1.conv.weight"] * 2}
    files = {
        "plain": own,
        "state_dict": {"state_dict": own, "meta": {}},
        "module": below("module.", own),
        "classifier": {"meta": {}, "state_dict": {**below("backbone.", own), **head}},
        "distributed": {"state_dict": below("module.backbone.", own)},
        "self_supervised": {"state_dict": {**below("encoder_q.", own), "queue": torch.zeros(3)}},
        "detector": {"state_dict": {**below("backbone.", own), **ema, "neck.conv.weight": torch.zeros(3)}},
        "cut": {name: tensor for name, tensor in own.items() if not name.startswith("layers.2")},
        "model_key": {"model": own},
        "half": half,
        "alien": {"blocks.0.attn.weight": torch.zeros(3), "cls_token": torch.zeros(3)},
        "list": [1, 2],
    }
    whole = marked(timm.create_model("regnetx_002"))
    flat = marked(build_backbone({"type": "mmcls.TIMMBackbone", "model_name": "regnetx_002", "features_only": True}))
    ten = marked(timm.create_model("regnetx_002", num_classes=10))
    files.update(
        {
            "timm": whole,
            "timm_module": {"state_dict": below("module.", whole)},
            "timm_model": {"model": whole, "args": None},
            "timm_ema": {"state_dict": {"nothing": torch.zeros(1)}, "state_dict_ema": whole},
            "timm_ten": ten,
            "timm_headless": {name: tensor for name, tensor in whole.items() if not name.startswith("head.")},
            "timm_prefixed": {"state_dict": below("backbone.", whole)},
            "timm_detector": {"state_dict": below("backbone.", flat)},
        }
    )
    for name, held in files.items():
        torch.save(held, folder / (name + ".pth"))
    (folder / "page.pth").write_text("<!DOCTYPE html><html></html>")
    (folder / "pointer.pth").write_text("version https://git-lfs.github.com/spec/v1\n")
    try:
        from safetensors.torch import save_file
    except ImportError:
        return
    save_file(whole, str(folder / "timm.safetensors"))


def loaded(path):
    """How many of a written config's backbone tensors hold `MARK` once it was built and initialised as in training."""
    backbone = build_backbone(Config.fromfile(path).model.backbone)
    backbone.init_weights()
    return sum(bool((tensor == MARK).all()) for tensor in backbone.state_dict().values() if tensor.is_floating_point())


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        print("\n" + json.dumps([loaded(path) for path in sys.argv[2:]]))
