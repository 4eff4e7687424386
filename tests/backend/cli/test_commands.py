"""The commands as people run them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from backend.cli import main
from backend.doctor import examine
from protocol import version
from protocol.keys import authorised_keys, new_keys, read_connection
from tests.conftest import backend_python, root


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TUG_HOME", str(tmp_path))
    return tmp_path


def run(*arguments, home):
    return subprocess.run(
        [backend_python(), "-m", "backend", *arguments],
        cwd=root,
        env={**os.environ, "TUG_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_python_without_the_packages_is_told_what_to_do():
    isolated = [backend_python(), "-S", "-m", "backend", "doctor"]  # -S: no site-packages
    done = subprocess.run(isolated, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run `python build.py backend`" in done.stderr
    assert "Traceback" not in done.stderr


def test_version(home):
    assert run("--version", home=home).stdout.strip() == f"Tug {version.software}"


def test_ctrl_c_stops_serve_cleanly(make_backend):
    backend = make_backend("--null").start()
    backend.process.send_signal(signal.SIGINT)
    assert backend.process.wait(20) == 0
    assert "Traceback" not in backend.output
    assert not backend.connection_file.exists()


def test_serve_says_where_it_listens(backend):
    connection = read_connection(backend.connection_file)
    (line,) = backend.output.splitlines()
    assert connection.control in line
    assert str(backend.connection_file) in line


def test_open_address_without_keys_is_refused_in_words(home):
    ended = run("serve", "--null", "--control", "tcp://0.0.0.0:*", home=home)
    assert ended.returncode == 1
    assert "no client key is authorised" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_cannot_be_made_is_named(home):
    (home / "file").write_text("in the way")
    ended = run("serve", "--null", "--data", str(home / "file" / "store"), home=home)
    assert ended.returncode == 1
    assert str(home / "file") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_taken_port_is_refused_in_words(backend, home):
    taken = read_connection(backend.connection_file).control
    ended = run("serve", "--null", "--control", taken, home=home)
    assert ended.returncode == 1
    assert "choose a free address" in ended.stderr
    assert "Traceback" not in ended.stderr


def states(findings):
    return {finding.subject: finding.state for finding in findings}


def test_doctor_finds_nothing_wrong_here_and_a_running_backend(backend, capsys):
    arguments = ["--data", str(backend.data), "--connection", str(backend.connection_file)]
    assert main(["doctor", *arguments, "--json"]) == 0
    findings = {item["subject"]: item for item in json.loads(capsys.readouterr().out)}
    assert findings["backend"]["state"] == "ok"
    assert f"Tug {version.software}" in findings["backend"]["text"]
    assert findings["numpy"]["state"] == "ok"
    assert "device" in findings


def test_doctor_notes_that_no_backend_runs(capsys):
    assert main(["doctor"]) == 0
    assert "none is running here" in capsys.readouterr().out


def test_doctor_finds_a_dead_backend_and_an_open_connection_file(backend, capsys):
    backend.kill()
    assert states(examine(backend.data, backend.connection_file))["backend"] == "problem"
    backend.connection_file.chmod(0o644)
    findings = examine(backend.data, backend.connection_file)
    assert states(findings)["connection file"] == "problem"
    arguments = ["--data", str(backend.data), "--connection", str(backend.connection_file)]
    assert main(["doctor", *arguments]) == 1
    assert "chmod 600" in capsys.readouterr().out


def test_doctor_names_a_missing_package_and_how_to_get_it(home, monkeypatch):
    monkeypatch.setattr("backend.doctor.packages", (("no-such-thing", "no_such_thing"),))
    finding = next(f for f in examine(home, home / "none") if f.subject == "no-such-thing")
    assert (finding.state, finding.fix) == ("problem", "python build.py backend")


def test_a_made_key_opens_a_backend_for_another_machine(home, make_backend, capsys):
    backend = make_backend("--null")
    data = ["--data", str(backend.data), "--authorised", str(backend.home / "authorised")]
    out = home / "laptop.json"
    addresses = ["--control", "tcp://127.0.0.1:47801", "--bulk", "tcp://127.0.0.1:47802"]
    assert main(["keys", *data, "make", "laptop", *addresses, "--out", str(out)]) == 0
    assert "Copy" in capsys.readouterr().out
    assert out.stat().st_mode & 0o077 == 0

    backend.start()
    here = read_connection(backend.connection_file)
    made = read_connection(out)
    assert made.server_key == here.server_key
    assert made.client_public in authorised_keys(backend.home / "authorised")


@pytest.mark.parametrize(
    ("host", "listening"), [("gpu1", "0.0.0.0"), ("localhost", "127.0.0.1"), ("[::1]", "127.0.0.1")]
)
def test_a_made_key_says_where_to_listen(home, capsys, host, listening):
    addresses = ["--control", f"tcp://{host}:7700", "--bulk", f"tcp://{host}:7701"]
    out = ["--out", str(home / "laptop.json")]
    assert main(["keys", "make", "laptop", *addresses, *out]) == 0
    wanted = f"--control tcp://{listening}:7700 --bulk tcp://{listening}:7701"
    assert wanted in capsys.readouterr().out


def test_keys_are_listed_and_revoked(home, capsys):
    key = new_keys().public
    assert main(["keys", "authorise", "laptop", key]) == 0
    assert main(["keys", "authorise", "laptop", key]) == 1
    assert main(["keys", "list"]) == 0
    out = capsys.readouterr().out
    assert f"laptop: {key}" in out
    assert main(["keys", "revoke", "laptop"]) == 0
    assert main(["keys", "revoke", "laptop"]) == 1
    assert authorised_keys(home / "authorised") == frozenset()


@pytest.mark.parametrize("name", ["../evil", ".hidden", "a b", ""])
def test_key_names_are_no_paths(name):
    with pytest.raises(SystemExit):
        main(["keys", "authorise", name, new_keys().public])


def test_rubbish_is_no_key(capsys):
    assert main(["keys", "authorise", "laptop", "rubbish"]) == 1
    assert "40 characters" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["npz", "glb", "obj"])
def test_generate_writes_what_it_says(home, capsys, form):
    arguments = ["--seed", "3", "--count", "2", "--out", str(home), "--format", form]
    assert main(["generate", "laptop", *arguments]) == 0
    paths = capsys.readouterr().out.splitlines()
    assert len(paths) == 2
    assert all(Path(path).stat().st_size > 1000 for path in paths)


def test_defects_show_one_sentence_and_the_stack_only_when_asked(home, monkeypatch, capsys):
    def broken(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("backend.doctor.examine", broken)
    assert main(["doctor"]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "ZeroDivisionError: oops" in error
    assert main(["doctor", "--verbose"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_generate_lists_the_categories(home, capsys):
    assert main(["generate", "spaceship", "--out", str(home)]) == 1
    assert "cabinet" in capsys.readouterr().err
