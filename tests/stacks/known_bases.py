"""What base configs of mmdet need, as a reader of their code would say it."""

from __future__ import annotations

FPN = ["neck", "in_channels"]

UNDERSTOOD = {
    "retinanet/retinanet_r50_fpn_1x_coco.py": (
        ["FPN", FPN, "list", "list", "pyramid"],
        [[4, 256, False], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [1, -1, [8, 16, 32, 64, 128], ["neck", "start_level"], ["neck", "end_level"]],
        [8, 16, 32, 64, 128],
    ),
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py": (
        ["FPN", FPN, "list", "list", "pyramid"],
        [[4, 256, True], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [4, 8, 16, 32, 64], ["neck", "start_level"], ["neck", "end_level"]],
        [4, 8, 16, 32, 64],
    ),
    "yolox/yolox_s_8x8_300e_coco.py": (
        ["YOLOXPAFPN", FPN, "list", "list", "pyramid"],
        [[8, 128, True], [16, 256, True], [32, 512, True]],
        [0, -1, [8, 16, 32], None, None],
        [8, 16, 32],
    ),
    "yolo/yolov3_d53_mstrain-608_273e_coco.py": (
        ["YOLOV3Neck", FPN, "reversed", "list", "pyramid"],
        [[8, 256, True], [16, 512, True], [32, 1024, True]],
        [0, -1, [8, 16, 32], None, None],
        [8, 16, 32],
    ),
    "deformable_detr/deformable_detr_r50_16x2_50e_coco.py": (
        ["ChannelMapper", FPN, "list", "list", "pyramid"],
        [[8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [8, 16, 32, 64], None, None],
        [],
    ),
    "yolof/yolof_r50_c5_8x8_1x_coco.py": (
        ["DilatedEncoder", FPN, "deepest", "int", "deepest"],
        [[32, 2048, True]],
        [0, -1, [32], None, None],
        [32],
    ),
    "centernet/centernet_resnet18_140e_coco.py": (
        ["CTResNetNeck", ["neck", "in_channel"], "deepest", "int", "deepest"],
        [[4, 64, False], [8, 128, False], [16, 256, False], [32, 512, True]],
        [3, -1, [4], None, None],
        [],
    ),
    "detr/detr_r50_8x2_150e_coco.py": (
        ["", ["bbox_head", "in_channels"], "deepest", "int", "deepest"],
        [[32, 2048, True]],
        [0, -1, [32], None, None],
        [],
    ),
    "libra_rcnn/libra_retinanet_r50_fpn_1x_coco.py": (
        ["FPN, BFP", ["neck", 0, "in_channels"], "list", "list", "pyramid"],
        [[4, 256, False], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [1, -1, [8, 16, 32, 64, 128], ["neck", 0, "start_level"], ["neck", 0, "end_level"]],
        [8, 16, 32, 64, 128],
    ),
    "hrnet/faster_rcnn_hrnetv2p_w18_1x_coco.py": (
        ["HRFPN", FPN, "list", "list", "pyramid"],
        [[4, 18, True], [8, 36, True], [16, 72, True], [32, 144, True]],
        [0, -1, [4, 8, 16, 32, 64], None, None],
        [4, 8, 16, 32, 64],
    ),
    "nas_fcos/nas_fcos_nashead_r50_caffe_fpn_gn-head_4x4_1x_coco.py": (
        ["NASFCOS_FPN", FPN, "list", "list", "pyramid"],
        [[4, 256, False], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        # its start_level is fixed in its body, whatever its signature says
        [1, -1, [8, 16, 32, 64, 128], None, ["neck", "end_level"]],
        [8, 16, 32, 64, 128],
    ),
    "hrnet/fcos_hrnetv2p_w18_gn-head_4x4_1x_coco.py": (
        ["HRFPN", FPN, "list", "list", "pyramid"],  # its `stride=2` halves every level, the first too
        [[4, 18, True], [8, 36, True], [16, 72, True], [32, 144, True]],
        [0, -1, [8, 16, 32, 64, 128], None, None],
        [8, 16, 32, 64, 128],
    ),
    "carafe/faster_rcnn_r50_fpn_carafe_1x_coco.py": (
        ["FPN_CARAFE", FPN, "list", "list", "pyramid"],  # its CARAFE runs on no CPU
        [[4, 256, True], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [4, 8, 16, 32, 64], ["neck", "start_level"], ["neck", "end_level"]],
        [4, 8, 16, 32, 64],
    ),
    "maskformer/maskformer_r50_mstrain_16x1_75e_coco.py": (
        ["", ["panoptic_head", "in_channels"], "list", "list", "pyramid"],
        [[4, 256, True], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [4, 8, 16, 32], None, None],
        [],
    ),
    "mask2former/mask2former_r50_lsj_8x2_50e_coco.py": (
        ["", ["panoptic_head", "in_channels"], "list", "list", "pyramid"],
        [[4, 256, True], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [4, 8, 16, 32], None, None],
        [4, 8, 16, 32],  # of the pixel decoder inside its head, by that class's default
    ),
    "rpn/rpn_r50_caffe_c4_1x_coco.py": (
        ["", ["rpn_head", "in_channels"], "deepest", "int", "deepest"],
        [[16, 1024, True]],
        [0, -1, [16], None, None],
        [16],
    ),
    "sparse_rcnn/sparse_rcnn_r50_fpn_1x_coco.py": (
        ["FPN", FPN, "list", "list", "pyramid"],
        [[4, 256, True], [8, 512, True], [16, 1024, True], [32, 2048, True]],
        [0, -1, [4, 8, 16, 32], ["neck", "start_level"], ["neck", "end_level"]],
        [4, 8, 16, 32],
    ),
}

SSD_TAIL = [512, 256, 256, 256]
TOGETHER = {
    "ssd/ssd300_coco.py": [
        (["neck", "in_channels"], "list", "tuple", []),
        (["neck", "out_channels"], "list", "tuple", SSD_TAIL),
        (["bbox_head", "in_channels"], "list", "tuple", SSD_TAIL),
    ],
    "faster_rcnn/faster_rcnn_r50_caffe_dc5_1x_coco.py": [
        (["rpn_head", "in_channels"], "deepest", "int", []),
        (["roi_head", "bbox_roi_extractor", "out_channels"], "deepest", "int", []),
        (["roi_head", "bbox_head", "in_channels"], "deepest", "int", []),
    ],
}
"""Places that must take the same channels."""

HOURGLASS = "backbone=dict(downsample_times=2, stage_channels=[256, 256, 384], stage_blocks=[1, 1, 1])"
NOT_UNDERSTOOD = {
    "faster_rcnn/faster_rcnn_r50_caffe_c4_1x_coco.py": (
        "",
        "its roi_head.shared_head ResLayer is the last stage of its own backbone",
    ),
    "tridentnet/tridentnet_r50_caffe_1x_coco.py": ("", "a config with an FPN neck takes any backbone"),
    "detectors/cascade_rcnn_r50_rfp_1x_coco.py": (
        "",
        "its neck RFP runs a second backbone of its own on what comes out of it (model.neck.rfp_backbone, ",
    ),
    "cornernet/cornernet_hourglass104_mstest_8x6_210e_coco.py": (
        f"model = dict({HOURGLASS})",
        "its heads learn from each of the 2 maps at stride 4 that HourglassNet stacks",
    ),
}
