"""What a written config says is what mmcv reads, also where a name looks like something that mmcv replaces."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bbwizard.literals import assignment

MEANT = {
    "weights": "{{ fileDirname }}/{{_base_.model}}/{{{fileBasename}}}.pth",
    "quoted": 'it\'s {{ _base_.x }} "here" \\ {{fileExtname}}',
    "escapes": "\x1b[2J\x00\n\t\u202e骨干 \udce9",
    "nested": {"class": [1, {"a b": {"ﬁ": None}}], "__debug__": [True, 1.5]},
    "code": "' + __import__('os').system('touch mine') + '",
}
READ = "import json, sys; from mmcv import Config; print(json.dumps(Config.fromfile(sys.argv[1])._cfg_dict['value']))"


def test_mmcv_reads_what_was_meant_and_runs_nothing(stack, tmp_path: Path) -> None:
    config = tmp_path / "new.py"
    config.write_text(assignment("value", MEANT) + "\n", "utf-8")
    words = [stack.python, "-c", READ, str(config)]
    said = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path)
    assert json.loads(said.stdout.splitlines()[-1]) == MEANT
    assert not (tmp_path / "mine").exists()
