# ruff: noqa: E501 - a case a line
"""Strings that are keys and strings that are none, labelled by hand.

The keys are of nobody: a generator fills each maker's format at run time, so that no line of this
repository looks like one to a scanner.
"""

from __future__ import annotations

import base64
import json
import random
import string

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def some(count: int, alphabet: str = LETTERS, seed: int = 1) -> str:
    """Characters as a generator of keys would draw them."""
    return "".join(random.Random(f"{seed}{count}{alphabet}").choices(alphabet, k=count))


def _part(value: object) -> str:
    """A part of a JSON web token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def notebook(source: str = "", printed: str = "") -> str:
    """A notebook of one cell with one output."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": [printed]}] if printed else []
    cell = {"cell_type": "code", "metadata": {}, "outputs": outputs, "source": [source]}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def in_a_format() -> dict[str, tuple[str, str]]:
    """Keys in their maker's own format: they block."""
    pem = "-----BEGIN {}PRIVATE KEY-----"
    return {
        "hugging face": ("a.py", f'TOKEN = "hf_{some(34)}"'),
        "openai project": ("a.py", f'openai.api_key = "sk-proj-{some(64)}"'),
        "openai": ("a.sh", f"export OPENAI_API_KEY=sk-{some(48)}"),
        "anthropic": ("a.py", f'Anthropic(api_key="sk-ant-api03-{some(90)}AA")'),
        "github fine": ("a.yml", f"token: github_pat_{some(22)}_{some(59)}"),
        "github classic": ("a.md", f"git clone https://ghp_{some(36)}@github.com/a/b"),
        "google": ("a.js", f"const key = 'AIza{some(35)}'"),
        "wandb login": ("a.py", f'wandb.login(key="{some(40, HEX)}")'),
        "wandb variable": ("a.env", f"WANDB_API_KEY={some(40, HEX)}"),
        "databricks": ("a.cfg", f"token = dapi{some(32, HEX)}"),
        "kaggle variable": ("a.py", f'os.environ["KAGGLE_KEY"] = "{some(32, HEX)}"'),
        "kaggle content": ("a.json", f'{{"username":"ada","key":"{some(32, HEX)}"}}'),
        "kaggle file": ("sub/kaggle.json", '{"username": "ada"}'),
        "aws key": ("a.py", f'boto3.client("s3", "AKIA{some(16, string.ascii_uppercase)}")'),
        "aws secret": ("a.ini", f"aws_secret_access_key = {some(40)}"),
        "twilio": ("a.py", f'sid = "SK{some(32, HEX)}"'),
        "telegram": ("a.py", f'bot("{some(9, string.digits)}:AA{some(33)}")'),
        "slack": (
            "a.py",
            f'"xox{"b"}-{some(12, string.digits)}-{some(12, string.digits)}-{some(24)}"',
        ),
        "stripe": ("a.py", f'stripe.api_key = "sk_{"live"}_{some(24)}"'),
        "sendgrid": ("a.py", f'"SG.{some(22)}.{some(43)}"'),
        "pypi": ("a.cfg", f"password = pypi-AgEIcHlwaS5vcmc{some(80)}"),
        "npm": (".npmrc", f"//registry.npmjs.org/:_authToken=npm_{some(36)}"),
        "gitlab": ("a.yml", f"token: glpat-{some(20)}"),
        "rsa": ("id.pem", f"{pem.format('RSA ')}\n{some(64)}\n{some(64)}"),
        "service account": ("sa.json", f'{{"private_key": "{pem.format("")}\\n{some(64)}\\n"}}'),
        "groq": ("a.py", f'"gsk_{some(52)}"'),
        "replicate": ("a.py", f'"r8_{some(37)}"'),
        "notebook source": ("n.ipynb", notebook(f'login("hf_{some(34)}")')),
        "notebook output": ("n.ipynb", notebook("print(key)", f"sk-ant-api03-{some(90)}AA\n")),
    }


def by_a_word() -> dict[str, tuple[str, str]]:
    """Passwords that only a word beside them gives away: they warn."""
    return {
        "password in code": ("a.py", 'password = "hj7KLs92mQ"'),
        "password in settings": ("a.yaml", "db_password: hj7KLs92mQ"),
        "password in an address": (
            "a.py",
            'create_engine("postgres://ada:hj7KLs92@db.company.de/x")',
        ),
        "secret key": ("settings.py", f'SECRET_KEY = "{some(50)}"'),
        "api key": ("a.toml", f'api_key = "{some(32)}"'),
        "password in a notebook": ("n.ipynb", notebook('passwd = "hj7KLs92mQ"')),
        "signed token": ("a.py", f'"{_part({"alg": "HS256"})}.{_part({"sub": 1})}.{some(43)}"'),
    }


def innocent() -> dict[str, tuple[str, str]]:
    """What looks like a secret to something that does not look twice."""
    dna = some(200, "ACGT")
    return {
        "dna": ("genes.py", f'sequence = "AC{dna}"'),
        "dna in lower case": ("genes.txt", f"SK{some(64, 'acgt')} AC{some(64, 'acgt')}"),
        "protein": ("genes.fasta", f"MAKIA{some(60, 'ACDEFGHIKLMNPQRSTVWY')}AKIA{some(40, 'ACDEFGHIKL')}"),
        "aws null": ("a.yml", "aws_secret_access_key: null"),
        "aws from environment": ("a.py", 'aws_secret_access_key = os.environ["AWS_SECRET"]'),
        "aws example": ("a.py", f'key = "AKIA{"IOSFODNN7"}EXAMPLE"'),
        "kinesis shard": ("a.py", 'ShardId="shardId-000000000000"'),
        "kinesis sequence": ("a.json", f'{{"SequenceNumber": "{some(56, string.digits)}"}}'),
        "kinesis iterator": ("a.py", f'"ShardIterator": "{"A" * 8}{some(200)}"'),
        "secret name": ("a.tf", 'mlflow_secret_name = "mlflow-tracking"'),
        "secret arn": ("a.yml", "db_secret_arn: arn:aws:secretsmanager:eu-west-1:123:secret:prod"),
        "password file": ("a.yml", "password_file: /run/secrets/db"),
        "digest": ("a.py", f'SHA256 = "{some(64, HEX)}"'),
        "commit": ("a.md", f"See commit {some(40, HEX)}."),
        "commit beside the word": ("a.md", f"Weights and biases were made at commit {some(8, HEX)}."),
        "picture": ("n.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [
            {"data": {"image/png": some(5000, LETTERS + "+/")}}]}]})),
        "placeholder": ("a.py", f'token = "hf_{"x" * 34}"'),
        "placeholder in words": ("README.md", f"export OPENAI_API_KEY=sk-{'your-key-here' * 4}"),
        "asterisks": ("a.env", "PASSWORD=********"),
        "template": ("a.yml", "password: ${{ secrets.DB_PASSWORD }}"),
        "variable": ("a.sh", 'curl -u "ada:$PASSWORD" https://example.com'),
        "getenv": ("a.py", 'password = os.getenv("DB_PASSWORD")'),
        "prompt": ("a.py", "password = getpass.getpass()"),
        "argument": ("a.py", "def login(user: str, password: str) -> None: ..."),
        "tokenizer": ("a.py", 'tokenizer.pad_token = "[PAD]"; sep_token = "</s>"; max_tokens = 512'),
        "test of words": ("data/sample/mail.csv", "subject,password: swordfish99 is yours"),
        "e-mail about it": ("data/mail.jsonl", '{"text": "your password: hunter2222"}'),
        "local address": ("a.yml", "postgres://user:password@localhost:5432/db"),
        "begin key in prose": ("a.md", "A file that starts with -----BEGIN RSA PRIVATE KEY----- is one."),
        "uuid": ("a.json", '{"id": "6f1c1b8e-8d6a-4c39-9a55-1d2c8f0e7b3a"}'),
        "version": ("uv.lock", f'wheel = "sk_learn-1.7-cp311.whl", hash = "sha256:{some(64, HEX)}"'),
        "key of a table": ("a.py", 'primary_key = "customer_id"; foreign_key = "order_id"'),
        "column": ("a.py", 'df = df.drop(columns=["password_hash", "secret"])'),
        "none": ("a.py", "api_key: str | None = None"),
        "false": ("a.yml", "use_secret: false"),
        "filled in": ("a.py", 'line = f"//registry.npmjs.org/:_authToken=npm_{token(36)}"'),
        "password filled in": ("a.py", 'password = f"pre-{token(36)}"'),
        "one letter": ("a.py", 'fetch("https://a:b@host/x")'),
    }  # fmt: skip
