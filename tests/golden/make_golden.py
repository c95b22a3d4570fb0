#!/usr/bin/python3
"""Writes the golden files beside it: what PyTorch computes from fixed inputs.

Needs Debian's python3-torch. Run it by hand after a change; the tests only read the files.
"""
import json
import pathlib
import struct

import torch
import torch.nn.functional as F

CODES = {torch.float32: "F32", torch.int64: "I64"}


def write(name, tensors):
    """Writes tensors in the safetensors format: a length, a JSON header, the bytes."""
    header = {"__metadata__": {"torch": torch.__version__}}
    data = b""
    for key, tensor in tensors.items():
        numbers = tensor.detach().contiguous().numpy().tobytes()
        offsets = [len(data), len(data) + len(numbers)]
        header[key] = {"dtype": CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
        data += numbers
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = pathlib.Path(__file__).parent / f"{name}.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    print(path.name, path.stat().st_size)


def random(*shape, scale=1.0):
    return torch.randn(*shape) * scale


def mlp():
    """The mean squared error of a 6-8-5-3 perceptron with each activation, and all gradients."""
    widths = [6, 8, 5, 3]
    activations = {"none": lambda x: x, "relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu,
                   "silu": F.silu, "leaky_relu": F.leaky_relu, "elu": F.elu}
    x, target = random(7, 6), random(7, 3)
    weights = {}
    for i in range(3):
        weights[f"{i}.weight"] = random(widths[i + 1], widths[i], scale=0.5)
        weights[f"{i}.bias"] = random(widths[i + 1], scale=0.5)
    out = {"x": x, "target": target, **{f"mlp.{key}": value for key, value in weights.items()}}
    for name, activation in activations.items():
        leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
        y = x
        for i in range(3):
            y = F.linear(y, leaves[f"{i}.weight"], leaves[f"{i}.bias"])
            y = activation(y) if i < 2 else y
        loss = F.mse_loss(y, target)
        loss.backward()
        out[f"{name}.loss"] = loss
        out.update({f"{name}.gradient.mlp.{key}": leaf.grad for key, leaf in leaves.items()})
    write("mlp", out)


def neumf():
    """Neural matrix factorisation: a product of embeddings beside a perceptron over others, one linear layer over both."""
    users, items = torch.randint(0, 9, (16,)), torch.randint(0, 11, (16,))
    labels = torch.randint(0, 2, (16,)).float()
    weights = {"gmf.user.weight": random(9, 4), "gmf.item.weight": random(11, 4), "mlp.user.weight": random(9, 6),
               "mlp.item.weight": random(11, 6), "mlp.layers.0.weight": random(8, 12, scale=0.4),
               "mlp.layers.0.bias": random(8, scale=0.4),
               "mlp.layers.1.weight": random(4, 8, scale=0.4), "mlp.layers.1.bias": random(4, scale=0.4),
               "fusion.weight": random(1, 8, scale=0.4), "fusion.bias": random(1, scale=0.4)}
    leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
    product = F.embedding(users, leaves["gmf.user.weight"]) * F.embedding(items, leaves["gmf.item.weight"])
    deep = torch.cat([F.embedding(users, leaves["mlp.user.weight"]), F.embedding(items, leaves["mlp.item.weight"])], dim=1)
    for i in range(2):
        deep = F.relu(F.linear(deep, leaves[f"mlp.layers.{i}.weight"], leaves[f"mlp.layers.{i}.bias"]))
    logits = F.linear(torch.cat([product, deep], dim=1), leaves["fusion.weight"], leaves["fusion.bias"]).squeeze(1)
    loss = F.binary_cross_entropy_with_logits(logits, labels)
    loss.backward()
    out = {"users": users, "items": items, "labels": labels, "logits": logits, "loss": loss,
           **{f"weights.{key}": value for key, value in weights.items()},
           **{f"gradient.{key}": leaf.grad for key, leaf in leaves.items()}}
    write("neumf", out)


def losses():
    """Every loss with the reductions mean and sum: its value and the gradients of its inputs."""
    out = {}

    def add(name, function, *inputs):
        for reduction in ("mean", "sum"):
            leaves = [value.clone().requires_grad_() for value in inputs]
            loss = function(*leaves, reduction)
            loss.backward()
            out[f"{name}.{reduction}.loss"] = loss
            for i, leaf in enumerate(leaves):
                out[f"{name}.{reduction}.gradient{i}"] = leaf.grad

    x, y = random(6, 5, scale=2.0), random(6, 5)
    labels = torch.rand(6, 5)
    classes = torch.tensor([3, 0, 4, 1, 0, 2])
    some_ignored = torch.tensor([3, 1, 4, 1, 0, 1])
    weights = torch.rand(5) + 0.5
    out.update(x=x, y=y, labels=labels, classes=classes, some_ignored=some_ignored, weights=weights)
    add("mse", lambda a, b, r: F.mse_loss(a, b, reduction=r), x, y)
    add("huber", lambda a, b, r: F.huber_loss(a, b, delta=0.7, reduction=r), x, y)
    add("bce", lambda a, b, r: F.binary_cross_entropy_with_logits(a, b, reduction=r), x, labels)
    add("bpr", lambda a, b, r: getattr(-F.logsigmoid(a - b), r)(), x, y)
    variants = {"plain": {}, "smoothed": {"label_smoothing": 0.1}, "weighted": {"weight": weights},
                "weighted_smoothed": {"weight": weights, "label_smoothing": 0.1}}
    for name, options in variants.items():
        add(f"cross_entropy.{name}", lambda a, r: F.cross_entropy(a, classes, reduction=r, **options), x)
        add(f"cross_entropy.{name}.ignoring",
            lambda a, r: F.cross_entropy(a, some_ignored, ignore_index=1, reduction=r, **options), x)
    write("losses", out)


OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "sgd_momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "sgd_nesterov": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd_decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.02}),
    "sgd_momentum_decay": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.02}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "adagrad_accumulator": (torch.optim.Adagrad, {"lr": 0.1, "initial_accumulator_value": 0.1, "eps": 1e-6}),
    "adagrad_decay": (torch.optim.Adagrad, {"lr": 0.1, "weight_decay": 0.02}),
    "adam": (torch.optim.Adam, {"lr": 0.01}),
    "adam_betas": (torch.optim.Adam, {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6}),
    "adam_decay": (torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.02}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
}


def optimizers():
    """Twenty steps of each optimizer on an embedding table and a linear layer; the parameters after steps 1, 5 and 20."""
    ids, targets = torch.randint(0, 12, (20, 4)), random(20, 4, 3)
    weights = {"table.weight": random(12, 4), "linear.weight": random(3, 4), "linear.bias": random(3)}
    out = {"ids": ids, "targets": targets, **{f"start.{key}": value for key, value in weights.items()}}
    for name, (kind, options) in OPTIMIZERS.items():
        leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
        optimizer = kind(leaves.values(), **options)
        for step in range(20):
            optimizer.zero_grad()
            y = F.linear(F.embedding(ids[step], leaves["table.weight"]), leaves["linear.weight"], leaves["linear.bias"])
            F.mse_loss(y, targets[step]).backward()
            optimizer.step()
            if step + 1 in (1, 5, 20):
                out.update({f"{name}.{step + 1}.{key}": leaf.detach().clone() for key, leaf in leaves.items()})
    write("optimizers", out)


for number, make in enumerate((mlp, neumf, losses, optimizers)):
    torch.manual_seed(2024 + number)
    make()
