"""What both halves agree on: the messages of the pipe, and the facts that travel on it."""

from bbprobe.protocol.backbone import SHAPES, Cure, Entry, Probe, Stage, Weights, WeightsReport
from bbprobe.protocol.base import Base, BaseName, Level, Slot
from bbprobe.protocol.check import Check, Strides
from bbprobe.protocol.data import Category, DataFile, Dataset, Split
from bbprobe.protocol.environment import Environment, Fault, Gpu, Hello, Window
from bbprobe.protocol.measure import Measurement, Timing
from bbprobe.protocol.messages import (
    CANCEL,
    CANCELLED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    OUT_OF_MEMORY,
    PARSE_ERROR,
    PROGRESS,
    REFUSED,
    VERSION,
    Cancelled,
    Refused,
    Stride,
    dump,
    plain,
)

__all__ = [
    "Base",
    "BaseName",
    "CANCEL",
    "CANCELLED",
    "Cancelled",
    "Category",
    "Check",
    "Cure",
    "DataFile",
    "Dataset",
    "Entry",
    "Environment",
    "Fault",
    "Gpu",
    "Hello",
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "Level",
    "METHOD_NOT_FOUND",
    "Measurement",
    "OUT_OF_MEMORY",
    "PARSE_ERROR",
    "PROGRESS",
    "Probe",
    "REFUSED",
    "Refused",
    "SHAPES",
    "Slot",
    "Split",
    "Stage",
    "Stride",
    "Strides",
    "Timing",
    "VERSION",
    "Weights",
    "WeightsReport",
    "Window",
    "dump",
    "plain",
]
