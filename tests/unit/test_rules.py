"""What is found to hurt silently, with what numbers, and what its fix makes of the config."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from facts import ENTRY, RESNET, RETINANET, SHUFFLENET, TIMM_ENTRY, WEIGHTS, YOLOV3, YOLOX, check

from bbprobe.protocol import Base, DataFile, Norms, Probe
from bbwizard.config import settings
from bbwizard.errors import UsageError
from bbwizard.findings import Finding
from bbwizard.plan import Plan, make
from bbwizard.recipe import ALL, FIXES, Recipe, parse_code

SGD = {"type": "SGD", "lr": 0.02, "momentum": 0.9}
SWIN = replace(RESNET, type="mmcls.SwinTransformer", transformer=True, norms={"LayerNorm": 32}, takes=["frozen_stages"])
CNN = replace(SHUFFLENET, norms={"BatchNorm2d": 56}, takes=["frozen_stages", "norm_eval"], training_norms=56)
HELD = replace(CNN, type="ResNet", training_norms=0)
"""Its class has norm_eval=True where nothing is said."""
CONVNEXT = replace(SWIN, type="mmcls.ConvNeXt", config={"arch": "small"})


def config(base: Base = RETINANET, **more: Any) -> Base:
    """A base whose resolved config says this; its backbone is frozen as mmdet's are."""
    backbone = {"type": "ResNet", "frozen_stages": 1, "norm_eval": True}
    return replace(base, resolved=repr({"model": {"backbone": backbone}, "optimizer": SGD, **more}))


def planned(
    base: Base, probe: Probe = CNN, *, entry: Any = ENTRY, seen: Any = None, files: Any = (), **recipe: Any
) -> Plan:
    return make(Recipe(base=base.name, backbone=entry.name, **recipe), base, entry, probe, seen=seen, files=files)


def found(plan: Plan, code: str) -> Finding | None:
    """The one finding with this code, if there is one."""
    alike = [finding for finding in plan.findings if finding.code == code]
    assert len(alike) <= 1
    return alike[0] if alike else None


def written(plan: Plan) -> dict[str, Any]:
    """What the config sets."""
    return settings(plan.base, plan.probe, plan.wiring, plan.start, plan.fixes)


# Gradient


def test_unused_parameters_are_looked_for_when_and_only_when_a_check_saw_some():
    base = config()
    assert "find_unused_parameters" not in written(planned(base))
    assert "find_unused_parameters" not in written(planned(base, seen=check()))
    names = [f"backbone.conv{number}.weight" for number in range(5)]
    plan = planned(base, seen=check(unused_parameters=names))
    assert written(plan)["find_unused_parameters"] is True
    assert found(plan, "no-gradient").text.startswith("5 parameters got no gradient")
    assert (
        "backbone.conv0.weight, backbone.conv1.weight, backbone.conv2.weight and 2 more"
        in found(plan, "no-gradient").text
    )


def test_stages_that_only_train_freezes_need_the_same():
    plan = planned(config(), seen=check(late_frozen=["backbone.conv1.weight"]))
    assert written(plan)["find_unused_parameters"] is True
    assert "freezes 1 parameter in train()" in found(plan, "late-frozen").text


def test_a_check_that_proved_strides_alone_says_nothing_of_gradients():
    plan = planned(config(), seen=check(proved="strides", unused_parameters=[]), gpus=2)
    assert found(plan, "gradient-unseen")
    assert found(planned(config(), gpus=2), "gradient-unseen")
    assert not found(planned(config()), "gradient-unseen"), "one GPU needs no gradient everywhere"


def test_a_base_that_looks_for_unused_parameters_is_offered_not_to():
    base = config(find_unused_parameters=True)
    offered = found(planned(base, seen=check()), "all-gradients")
    assert not offered.certain and not offered.taken
    assert written(planned(base, seen=check(), fixes=("all-gradients",)))["find_unused_parameters"] is False
    needed = found(planned(base, seen=check(unused_parameters=["a"])), "no-gradient")
    assert needed.fix is None, "the base has it already"


# Freezing and batch norm


def test_freezing_is_carried_over_with_weights_alone():
    backbone = written(planned(config()))["model"]["backbone"]
    assert (backbone["frozen_stages"], backbone["norm_eval"]) == (1, True)
    scratch = planned(config(), weights="none")
    assert "frozen_stages" not in written(scratch)["model"]["backbone"]
    assert "56 batch norm layers of ShuffleNetV2 train on 2 images a GPU" in found(scratch, "tiny-batch").text


def test_freezing_is_offered_to_a_transformer():
    plan = planned(config(), SWIN)
    assert not found(plan, "freeze").taken
    taken = written(planned(config(), SWIN, fixes=("freeze",)))["model"]["backbone"]
    assert taken["frozen_stages"] == 0, "the first stage, as it counts"
    assert "norm_eval" not in taken, "it has no batch norm"


@pytest.mark.parametrize(("base", "new"), [(1, 0), (2, 1), (0, None)])
def test_stages_that_a_class_counts_from_zero_are_translated(base, new):
    old = {"type": "ResNet", "frozen_stages": base, "norm_eval": True}
    csp = replace(CNN, type="mmcls.CSPResNet")
    backbone = written(planned(config(model={"backbone": old}), csp))["model"]["backbone"]
    assert (backbone.get("frozen_stages"), backbone["norm_eval"]) == (new, True)


@pytest.mark.parametrize(
    ("old", "number", "new", "written_as"),
    [
        ("ResNet", 1, "mmcls.EfficientNet", 2),
        ("ResNet", 1, "Darknet", 2),
        ("ResNet", 0, "EfficientNet", 1),
        ("EfficientNet", 0, "mmcls.ResNet", None),
        ("EfficientNet", 1, "mmcls.ResNet", 0),
        ("mmdet.Darknet", 2, "mmcls.CSPResNet", 0),
        ("mmcls.VAN", 0, "mmcls.DenseNet", 1),
        ("ResNet", 0, "mmcls.ConvNeXt", None),
        ("mmcls.Conformer", 1, "mmcls.ResNet", None),
        ("ResNet", 1, "mmcls.Conformer", None),
    ],
)
def test_stages_are_translated_from_class_to_class(old, number, new, written_as):
    base = config(model={"backbone": {"type": old, "frozen_stages": number}})
    plan = planned(replace(base, backbone=old), replace(CNN, type=new))
    assert written(plan)["model"]["backbone"].get("frozen_stages") == written_as


def test_random_weights_are_never_frozen():
    poolformer = replace(SWIN, frozen=2)
    assert not found(planned(config(), poolformer), "frozen-random")
    plan = planned(config(), poolformer, weights="none")
    assert "freezes 2 parameters" in found(plan, "frozen-random").text
    assert written(plan)["model"]["backbone"]["frozen_stages"] == -1


def test_what_a_class_does_not_take_is_said_with_its_batch_norms():
    timm = replace(CNN, type="mmcls.TIMMBackbone", takes=[], norms={"BatchNormAct2d": 44}, training_norms=None)
    plan = planned(config(data={"samples_per_gpu": 3}), timm, entry=TIMM_ENTRY, gpus=4)
    assert "44 batch norm layers train on 3 images a GPU (3 x 4 GPUs)" in found(plan, "not-frozen").text
    assert not found(plan, "tiny-batch"), "said once"


def test_batch_norm_left_to_train_is_said():
    assert not found(planned(config()), "tiny-batch")
    assert found(planned(config(), leave=("freeze",)), "tiny-batch")
    assert not found(planned(config(data={"samples_per_gpu": 8}), leave=("freeze",)), "tiny-batch")
    assert not found(planned(config(), replace(CNN, training_norms=None), leave=("freeze",)), "tiny-batch")


def test_batch_norm_beside_frozen_stages_is_said_without_them():
    told = found(planned(config(), replace(CNN, takes=["frozen_stages"])), "not-frozen").text
    assert told.endswith("of its 56 batch norm layers those not frozen train on 2 images a GPU (2 x 1 GPU)")
    base = config(model={"backbone": {"type": "ResNet", "frozen_stages": 1, "norm_eval": False}})
    told = found(planned(base), "tiny-batch").text
    assert told.startswith("of ShuffleNetV2's 56 batch norm layers those not frozen train on 2 images")


def test_batch_norm_that_a_class_holds_back_trains_with_random_weights():
    plan = planned(config(), HELD, weights="none")
    assert written(plan)["model"]["backbone"]["norm_eval"] is False
    assert found(plan, "eval-random").text.startswith("ResNet keeps its 56 batch norm layers in eval mode")
    assert "56 batch norm layers of ResNet train" in found(plan, "tiny-batch").text
    left = planned(config(), HELD, weights="none", leave=("eval-random",))
    assert "norm_eval" not in written(left)["model"]["backbone"]
    assert not found(left, "tiny-batch"), "it does not train"
    assert not found(planned(config(), weights="none"), "eval-random")


def test_what_the_base_does_by_default_is_carried_over_too():
    base = config(model={"backbone": {"type": "Darknet"}})
    assert not found(planned(base), "freeze"), "nobody knows"
    assert not found(planned(replace(base, norms=Norms(52, 52, 0))), "freeze")
    plan = planned(replace(base, norms=Norms(52, 0, 0)))
    assert written(plan)["model"]["backbone"]["norm_eval"] is True
    assert not found(plan, "tiny-batch")
    assert (
        "norm_eval=True"
        in found(planned(replace(base, norms=Norms(52, 0, 0)), replace(CNN, takes=[])), "not-frozen").text
    )


def test_frozen_batch_norm_is_carried_over_or_called_lost():
    base = replace(config(), norms=Norms(53, 0, 53))
    kept = planned(base, replace(CNN, norm_cfg={"type": "BN", "eps": 0.001}))
    backbone = written(kept)["model"]["backbone"]
    assert backbone["norm_cfg"] == {"type": "BN", "eps": 0.001, "requires_grad": False}
    assert found(kept, "freeze").fix.label == "frozen_stages=1, norm_eval=True and norm_cfg.requires_grad=False"
    lost = planned(base, replace(CNN, norm_cfg={}))
    told = "the base's ResNet had norm_cfg.requires_grad=False, which ShuffleNetV2 does not take"
    assert found(lost, "not-frozen").text == told, "its statistics stay those of the weights"
    assert "norm_cfg" not in written(lost)["model"]["backbone"]
    unknown = planned(base)
    assert not found(unknown, "not-frozen") and "requires_grad" not in found(unknown, "freeze").text


@pytest.mark.parametrize("leave", [(), ("freeze",)])
def test_what_a_class_does_by_default_is_not_called_left_undone(leave):
    plan = planned(config(), HELD, leave=leave)
    assert found(plan, "freeze").fix.label == "frozen_stages=1"
    assert found(plan, "freeze").text.endswith("takes frozen_stages=1; norm_eval=True is its default")
    assert not found(plan, "tiny-batch") and not found(plan, "eval-random")
    evaluated = config(model={"backbone": {"type": "ResNet", "frozen_stages": -1, "norm_eval": True}})
    assert not found(planned(evaluated, HELD, leave=leave), "freeze"), "there is nothing to carry"


def test_synchronised_batch_norm_becomes_plain_in_one_process():
    norm = {"type": "SyncBN", "requires_grad": True}
    heads = [{"type": "Head", "norm_cfg": {"type": "MMSyncBN"}}, {"type": "Head"}]
    model = {"backbone": {"norm_cfg": norm}, "neck": {"norm_cfg": norm}, "roi_head": {"bbox_head": heads}}
    base = config(model=model)
    model = written(planned(base))["model"]
    assert model["neck"]["norm_cfg"] == {"type": "BN"}
    assert model["roi_head"]["bbox_head"] == [{"type": "Head", "norm_cfg": {"type": "BN"}}, {"type": "Head"}]
    assert "roi_head" not in written(planned(base, gpus=2))["model"]
    assert "roi_head" not in written(planned(base, launcher="pytorch"))["model"]
    assert not found(planned(config(model={"backbone": {"norm_cfg": norm}})), "sync-bn"), "it went with the backbone"


# The optimizer


def test_adamw_is_offered_to_a_transformer_on_sgd():
    assert not found(planned(config()), "adamw")
    assert not found(planned(config(optimizer={"type": "AdamW"}), SWIN), "adamw")
    assert "optimizer" not in written(planned(config(), SWIN))
    optimizer = written(planned(config(), SWIN, fixes=("adamw",)))["optimizer"]
    assert (optimizer["_delete_"], optimizer["type"], optimizer["lr"]) == (True, "AdamW", 0.0001)


DECAY = "LearningRateDecayOptimizerConstructor"
LAYERED = {
    "type": "AdamW",
    "lr": 0.0002,
    "constructor": DECAY,
    "paramwise_cfg": {"decay_rate": 0.7, "num_layers": 6},
}


def test_a_learning_rate_by_layer_is_kept_for_convnext_alone():
    base = config(optimizer=LAYERED)
    assert written(planned(base))["optimizer"] == {"_delete_": True, "type": "AdamW", "lr": 0.0002}
    assert written(planned(base, CONVNEXT))["optimizer"] == {"paramwise_cfg": {"num_layers": 12}}
    assert not found(planned(base, replace(CONVNEXT, config={"arch": "tiny"})), "layer-decay")


def test_the_layers_of_a_learning_rate_by_stage_are_left_as_they_are():
    staged = {**LAYERED, "paramwise_cfg": {"decay_rate": 0.7, "decay_type": "stage_wise", "num_layers": 4}}
    assert not found(planned(config(optimizer=staged), CONVNEXT), "layer-decay")
    layered = {**LAYERED, "paramwise_cfg": {"decay_rate": 0.7, "decay_type": "layer_wise", "num_layers": 4}}
    assert found(planned(config(optimizer=layered), CONVNEXT), "layer-decay")
    assert found(planned(config(optimizer=staged)), "layer-decay"), "it raises for all but ConvNeXt, by stages too"


def test_rates_by_name_are_said_and_idle_names_too():
    keys = {"backbone": {"lr_mult": 0.1, "decay_mult": 1.0}, "absolute_pos_embed": {"decay_mult": 0.0}}
    base = config(optimizer={**SGD, "paramwise_cfg": {"custom_keys": keys}})
    plan = planned(base, seen=check(idle_keys=["absolute_pos_embed"]))
    assert "learn at 0.1 of the learning rate" in found(plan, "backbone-lr").text
    assert "absolute_pos_embed" in found(plan, "idle-keys").text
    changed = written(planned(base, fixes=("backbone-lr",)))["optimizer"]
    assert changed == {"paramwise_cfg": {"custom_keys": {"backbone": {"lr_mult": 1.0}}}}


def test_every_name_of_the_backbone_learns_at_the_whole_rate():
    slow, whole = {"lr_mult": 0.1}, {"decay_mult": 0.0}
    keys = {"backbone": slow, "backbone.norm": slow, "relative_position_bias_table": slow, "stem": slow}
    base = config(optimizer={**SGD, "paramwise_cfg": {"custom_keys": {**keys, "sampling": slow, "norm": whole}}})
    changed = written(planned(base, fixes=("backbone-lr",)))["optimizer"]["paramwise_cfg"]["custom_keys"]
    assert changed == dict.fromkeys(["backbone", "backbone.norm", "relative_position_bias_table"], {"lr_mult": 1.0})
    plan = planned(base, fixes=("backbone-lr",), seen=check(backbone_keys={"backbone": 60, "stem": 2, "norm": 9}))
    changed = written(plan)["optimizer"]["paramwise_cfg"]["custom_keys"]
    assert changed == dict.fromkeys(keys, {"lr_mult": 1.0})
    assert "of the learning rate, of the new one 62 tensors" in found(plan, "backbone-lr").text


@pytest.mark.parametrize(("optimizer", "code"), [(SGD, "adamw"), ({**SGD, "constructor": DECAY}, "layer-decay")])
def test_rates_by_name_go_with_the_optimizer_that_is_replaced(optimizer, code):
    keys = {"backbone": {"lr_mult": 0.333}}
    base = config(optimizer={**optimizer, "paramwise_cfg": {"custom_keys": keys}})
    probe = SWIN if code == "adamw" else CNN
    for fixes in (("all",), (code,)):
        plan = planned(base, probe, fixes=fixes)
        assert found(plan, code).taken and not found(plan, "backbone-lr")
        assert "backbone" not in written(plan)["optimizer"].get("paramwise_cfg", {}).get("custom_keys", {})
    assert found(planned(base, probe, leave=(code,)), "backbone-lr")


def test_the_learning_rate_follows_the_images_a_step():
    base = config(auto_scale_lr={"enable": False, "base_batch_size": 16}, data={"samples_per_gpu": 2})
    plan = planned(base)
    assert plan.arguments == ("--auto-scale-lr",)
    assert "= 2 a step; the learning rate 0.02 is for 16, in proportion it is 0.0025" in found(plan, "batch-size").text
    assert not found(planned(base, gpus=8), "batch-size")
    assert planned(base, leave=("batch-size",)).arguments == ()
    adamw = planned(base, SWIN, fixes=("adamw",))
    assert adamw.arguments == (), "a rule for SGD is only offered to AdamW"
    assert "0.0001 is for 16, in proportion it is 1.25e-05" in found(adamw, "batch-size").text
    assert "auto_scale_lr" not in written(adamw)


@pytest.mark.parametrize("hook", ["GradientCumulativeOptimizerHook", "GradientCumulativeFp16OptimizerHook"])
def test_images_of_several_iterations_are_those_of_one_step(hook):
    said = {"auto_scale_lr": {"enable": False, "base_batch_size": 16}, "data": {"samples_per_gpu": 2}}
    over = planned(config(**said, optimizer_config={"type": hook, "cumulative_iters": 4}))
    text = found(over, "batch-size").text
    assert "1 GPU x 2 images x 4 iterations = 8 a step; the learning rate 0.02 is for 16" in text
    assert "in proportion it is 0.01; set it by hand (optimizer.lr): --auto-scale-lr does not count" in text
    assert over.arguments == () and not found(over, "batch-size").certain
    assert not found(planned(config(**said, optimizer_config={"type": hook, "cumulative_iters": 8})), "batch-size")
    for other in ({"type": hook}, {"type": "OptimizerHook", "cumulative_iters": 4}, {"grad_clip": None}, None):
        assert planned(config(**said, optimizer_config=other)).arguments == ("--auto-scale-lr",)


def test_adamw_is_for_its_own_number_of_images_a_step():
    base = config(auto_scale_lr={"enable": False, "base_batch_size": 64}, data={"samples_per_gpu": 8})
    assert "is for 64" in found(planned(base, SWIN), "batch-size").text
    one = planned(base, SWIN, fixes=("adamw",))
    assert "= 8 a step; the learning rate 0.0001 is for 16, in proportion it is 5e-05" in found(one, "batch-size").text
    assert written(one)["auto_scale_lr"] == {"base_batch_size": 16}
    assert not found(planned(base, SWIN, gpus=2, fixes=("adamw",)), "batch-size")
    unsaid = planned(config(data={"samples_per_gpu": 8}), SWIN, fixes=("adamw",))
    assert "auto_scale_lr" not in written(unsaid)


# The rest


def test_rf_next_is_left_out():
    hooks = [{"type": "NumClassCheckHook"}, {"type": "RFSearchHook", "rfstructure_file": "found.json"}]
    plan = planned(config(custom_hooks=hooks))
    assert written(plan)["custom_hooks"] == [hooks[0]]
    assert "found.json" in found(plan, "rf-next").text
    search = planned(config(custom_hooks=[{"type": "RFSearchHook", "mode": "search"}]))
    assert not found(search, "rf-next").certain


HOOK = {"type": "NumClassCheckHook"}
VGG = replace(RESNET, class_counts=[-1])


def heads(count: int) -> dict[str, Any]:
    return {"backbone": {"type": "ResNet"}, "rpn_head": {"num_classes": 1}, "bbox_head": {"num_classes": count}}


def test_the_hook_that_would_stop_at_the_backbone_is_left_out():
    base = config(custom_hooks=[HOOK, {"type": "SetEpochInfoHook"}], model=heads(80))
    plan = planned(base, VGG)
    assert written(plan)["custom_hooks"] == [{"type": "SetEpochInfoHook"}]
    assert found(plan, "class-check").text == (
        "NumClassCheckHook takes the num_classes=-1 in mmcls/ShuffleNetV2 for that of a head, "
        "and would stop training at its first epoch"
    )
    assert "custom_hooks" not in written(planned(base, VGG, leave=("class-check",)))
    assert "custom_hooks" not in written(planned(base)), "what a probe does not say is not claimed"
    assert "custom_hooks" not in written(planned(config(model=heads(80)), VGG)), "there is no such hook"
    iterations = {"type": "IterBasedRunner", "max_iters": 90000}
    assert not found(planned(config(custom_hooks=[HOOK], model=heads(80), runner=iterations), VGG), "class-check")


@pytest.mark.parametrize(("count", "model", "stops"), [(80, heads(80), False), (80, heads(3), True), (9, {}, False)])
def test_the_hook_stays_where_the_backbone_has_as_many_classes_as_the_data(count, model, stops):
    base = config(custom_hooks=[HOOK], model={"backbone": {}, **model})
    assert bool(found(planned(base, replace(RESNET, class_counts=[count])), "class-check")) == stops


def test_two_hooks_are_left_out_together_or_each_alone():
    searched, other = {"type": "RFSearchHook", "rfstructure_file": "found.json"}, {"type": "SetEpochInfoHook"}
    base = config(custom_hooks=[HOOK, searched, other], model=heads(80))
    assert written(planned(base, VGG))["custom_hooks"] == [other]
    assert written(planned(base, VGG, leave=("rf-next",)))["custom_hooks"] == [searched, other]
    assert written(planned(base, VGG, leave=("class-check",)))["custom_hooks"] == [HOOK, other]
    searching = config(custom_hooks=[HOOK, {"type": "RFSearchHook"}, other], model=heads(80))
    assert written(planned(searching, VGG))["custom_hooks"] == [{"type": "RFSearchHook"}, other]
    assert written(planned(searching, VGG, fixes=("all",)))["custom_hooks"] == [other]


def pad(divisor: int) -> dict[str, Any]:
    return {"train": {"pipeline": [{"type": "Pad", "size_divisor": divisor}]}}


@pytest.mark.parametrize(("divisor", "new"), [(1, 32), (16, 32), (24, 96), (32, None), (64, None)])
def test_padding_is_raised_where_the_neck_doubles(divisor, new):
    plan = planned(config(YOLOV3, data=pad(divisor)))
    assert bool(found(plan, "pad")) == (new is not None)
    if new:
        assert written(plan)["train_pipeline"] == [{"type": "Pad", "size_divisor": new}]


def test_padding_stays_where_maps_are_resized_and_no_deeper():
    assert not found(planned(config(data=pad(1))), "pad")
    deeper = replace(CNN, stages=[replace(stage, stride=stage.stride * 2) for stage in CNN.stages])
    assert "stride 64" in found(planned(config(data=pad(32)), deeper, stages=(0, 1, 2), override=True), "pad").text


def test_yolox_draws_sizes_that_its_deepest_stride_divides():
    deeper = replace(CNN, stages=[replace(stage, stride=stage.stride * 2) for stage in CNN.stages])
    plan = planned(
        config(YOLOX, model={"type": "YOLOX", "random_size_range": (15, 25)}), deeper, stages=(0, 1, 2), override=True
    )
    assert written(plan)["model"]["size_multiplier"] == 64
    assert written(plan)["model"]["random_size_range"] == (8, 12)


def test_data_that_is_not_there_is_named():
    files = (DataFile("data/a.json", ["train"], False), DataFile("data/val", ["val", "test"], True))
    text = found(planned(config(), files=files), "data-missing").text
    assert text.startswith("1 of the 2 files and folders")
    assert "data/a.json (train)" in text and "data/val" not in text


def test_a_teacher_is_said_and_its_normalisation_is_not_taken_from_it():
    steps = [{"type": "Normalize", "mean": [0, 0, 0], "std": [1, 1, 1]}, {"type": "DefaultFormatBundle"}]
    base = replace(config(data={"train": {"pipeline": steps}}), teacher="teacher_config")
    known = replace(WEIGHTS, mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0], to_rgb=True)
    plan = planned(base, entry=replace(ENTRY, weights=[known]))
    assert found(plan, "teacher")
    assert not found(plan, "normalisation").certain


# Which fixes are taken


def test_a_fix_is_taken_as_its_code_says_then_as_all_says_then_where_it_is_certain():
    assert Recipe().takes("x", certain=True) and not Recipe().takes("x", certain=False)
    assert Recipe(fixes=(ALL,)).takes("x", certain=False)
    assert not Recipe(leave=(ALL,)).takes("x", certain=True)
    assert Recipe(leave=(ALL,), fixes=("x",)).takes("x", certain=True)
    assert not Recipe(fixes=(ALL,), leave=("x",)).takes("x", certain=False)


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize(
    "start", [Recipe(), Recipe(fixes=(ALL,)), Recipe(leave=(ALL,)), Recipe(fixes=("x",), leave=("y",))]
)
def test_taking_and_leaving_say_no_more_than_is_needed(start, certain):
    for taken in (True, False):
        recipe = start.with_fix("x", taken, certain=certain)
        assert recipe.takes("x", certain=certain) == taken
        assert len(recipe.fixes) + len(recipe.leave) <= len(start.fixes) + len(start.leave) + 1
    assert Recipe().with_fix("x", not certain, certain=certain).with_fix("x", certain, certain=certain) == Recipe()


def test_an_unknown_code_is_refused_with_those_there_are():
    assert parse_code("adamw") == "adamw"
    with pytest.raises(UsageError) as refusal:
        parse_code("adam")
    assert "no-gradient" in refusal.value.hint and ALL in refusal.value.hint


def test_every_fix_that_was_seen_here_has_a_code_that_can_be_named():
    base = config(find_unused_parameters=True, data=pad(1), auto_scale_lr={"enable": False, "base_batch_size": 16})
    for plan in (planned(base, seen=check()), planned(base, SWIN), planned(config(optimizer=LAYERED))):
        assert {finding.code for finding in plan.findings if finding.fix} <= set(FIXES)
