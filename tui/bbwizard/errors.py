"""Every failure that a user is told of, in one tree.

BbwizardError               something is wrong; `text` names it, `hint` says what to do
  UsageError                the words of the call are off
  NoEnvironment             no training environment, or it cannot be used
    NoneFound               there is none on this machine
  EnvironmentNotCreated     `env create` stopped
  ProbeError                the probing half could not answer
    ProbeRefused            it, or the library it asked, said no
      ProbeBusy             others are using the device
    ProbeCancelled          nobody wanted the answer any more
    ProbeOutOfMemory        the device, or the host, has too little memory
    ProbeCrashed            the process ended
    ProbeTimeout            the process did not answer in time
    NotLaunched             the launch prefix ended before there was a process
    ProbeGarbled            it answered with something else than was asked
  Unknown                   no base config, backbone, weights or preset of that name
  NotWritable               the decision would not train
  PresetError               a preset file that cannot be read
  WriteRefused              a file that cannot, or must not, be written
    ChangedMeanwhile        it is another than the one that was to be replaced
  KeysFileError             lines of the user's key file that cannot count
  EditorFailed              the user's editor cannot be run, or gave up
"""

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
"""The statuses a command leaves with."""


class BbwizardError(Exception):
    """Something is wrong: `text` names the thing and what is wrong with it, `hint` says what to do."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint


class UsageError(BbwizardError):
    """The words of the call are off."""


class NoEnvironment(BbwizardError):
    """There is no training environment, or it cannot be used."""


class NoneFound(NoEnvironment):
    """There is no training environment on this machine."""


class EnvironmentNotCreated(BbwizardError):
    """`env create` stopped before its proof."""


class ProbeError(BbwizardError):
    """The probing half could not answer; `traceback` is its own, where it sent one."""

    def __init__(self, text: str, hint: str = "", traceback: str = "") -> None:
        super().__init__(text, hint)
        self.traceback = traceback


class ProbeRefused(ProbeError):
    """The probing half, or the library it asked, said no; the text says why."""


class ProbeBusy(ProbeRefused):
    """Others are using the device; the text says how much of it."""


class ProbeCancelled(ProbeError):
    """The answer was no longer wanted."""


class ProbeOutOfMemory(ProbeError):
    """The device, or the host, has not enough memory."""


class ProbeCrashed(ProbeError):
    """The probing half's process ended before it answered."""


class ProbeTimeout(ProbeError):
    """The probing half did not answer in time and was stopped."""


class NotLaunched(ProbeError):
    """The launch prefix ended before the probing half was there; the text has its own last words."""


class ProbeGarbled(ProbeError):
    """The probing half answered with something else than was asked."""


class Unknown(BbwizardError):
    """There is no base config, backbone, weights or preset of that name."""


class NotWritable(BbwizardError):
    """The decision would not train as it stands; `base` is a base config of those that `hint` says would."""

    def __init__(self, text: str, hint: str = "", base: str = "") -> None:
        super().__init__(text, hint)
        self.base = base


class PresetError(BbwizardError):
    """A preset file that cannot be read as one."""


class WriteRefused(BbwizardError):
    """A file that cannot, or must not, be written."""


class ChangedMeanwhile(WriteRefused):
    """There is another file than the one that was to be replaced, or one where there was to be none."""


class KeysFileError(BbwizardError):
    """Lines of the user's key file that cannot count."""


class EditorFailed(BbwizardError):
    """The user's editor cannot be run, or gave up."""
