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
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01}),
    "rmsprop_momentum": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "eps": 1e-6, "momentum": 0.8}),
    "rmsprop_centered": (torch.optim.RMSprop, {"lr": 0.01, "centered": True, "momentum": 0.5}),
    "rmsprop_decay": (torch.optim.RMSprop, {"lr": 0.01, "weight_decay": 0.02}),
}
SCHEDULES = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 12, 0.01),
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
    for name, make in SCHEDULES.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
        schedule = make(optimizer)
        rates = []
        for _ in range(12):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        out[f"schedule.{name}"] = torch.tensor(rates)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0.01, min_lr=0.03)
    values, rates = torch.tensor([3.0, 2.0, 1.99, 1.985, 1.9, 1.9, 1.9, 1.9, 1.9, 1.0, 1.0, 1.0, 1.0, 1.0]), []
    for value in values:
        plateau.step(value.item())
        rates.append(optimizer.param_groups[0]["lr"])
    out.update({"plateau.values": values, "plateau.rates": torch.tensor(rates)})
    write("optimizers", out)


def state_of(module, prefix):
    """A module's weights and, after a backward pass, their gradients."""
    out = {f"{prefix}.weights.{key}": value.clone() for key, value in module.state_dict().items()}
    out.update({f"{prefix}.gradient.{key}": leaf.grad for key, leaf in module.named_parameters()})
    return out


def recurrent():
    """Two layers of each recurrent net over 5 steps, in one direction and in both, from given states; weighted sums as the loss."""
    out = {}
    for name, make in {"rnn_tanh": torch.nn.RNN, "rnn_relu": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k),
                       "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.items():
        for directions in (1, 2):
            prefix = f"{name}_{directions}"
            module = make(3, 4, 2, bidirectional=directions == 2)
            x, weight = random(5, 2, 3).requires_grad_(), random(5, 2, 4 * directions)
            states = [random(2 * directions, 2, 4).requires_grad_() for _ in range(2 if name == "lstm" else 1)]
            y, after = module(x, tuple(states) if name == "lstm" else states[0])
            after = list(after) if name == "lstm" else [after]
            loss = (y * weight).sum() + sum((state ** 2).sum() for state in after)
            loss.backward()
            out.update({f"{prefix}.x": x, f"{prefix}.weight": weight, f"{prefix}.y": y, f"{prefix}.loss": loss,
                        f"{prefix}.x_gradient": x.grad})
            for i, (state, last) in enumerate(zip(states, after)):
                out.update({f"{prefix}.state{i}": state, f"{prefix}.last{i}": last, f"{prefix}.state{i}_gradient": state.grad})
            out.update(state_of(module, prefix))
    write("recurrent", out)


def long_lstm():
    """Backpropagation through 1,000 steps."""
    module = torch.nn.LSTM(2, 3)
    x = random(1000, 1, 2)
    loss = (module(x)[0] ** 2).mean()
    loss.backward()
    write("long_lstm", {"x": x, "loss": loss, **state_of(module, "lstm")})


def weighted(module, prefix, x):
    """A module's output, and the gradients of a weighted sum of it."""
    x.requires_grad_()
    y = module(x)
    weight = random(*y.shape)
    (y * weight).sum().backward()
    return {f"{prefix}.x": x, f"{prefix}.y": y, f"{prefix}.weight": weight, f"{prefix}.x_gradient": x.grad}


def images():
    """Convolutions with all their options, pooling, and layer normalisation."""
    out = {}
    cases = {"plain": dict(), "stride": dict(stride=(2, 1), padding=(1, 2)), "dilation": dict(dilation=(2, 1)),
             "groups": dict(groups=2, padding=1)}
    for name, options in cases.items():
        module = torch.nn.Conv2d(4, 6, (3, 2), **options)
        out.update({**weighted(module, name, random(2, 4, 7, 6)), **state_of(module, name)})
    for name, pool in {"max": F.max_pool2d, "avg": F.avg_pool2d}.items():
        out.update(weighted(lambda x: pool(x, (3, 2), (2, 1)), name, random(2, 3, 7, 6)))
    module = torch.nn.LayerNorm(5)
    torch.nn.init.normal_(module.weight)
    torch.nn.init.normal_(module.bias)
    out.update({**weighted(module, "norm", random(3, 2, 5)), **state_of(module, "norm")})
    write("images", out)


def attention():
    """Multi-head attention to itself, causal, with padding, and to others."""
    out = {}
    causal = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)
    padding = torch.tensor([[False, False, True, True], [False, False, False, False]])
    cases = {"self": dict(), "causal": dict(attn_mask=causal), "padded": dict(key_padding_mask=padding)}
    for name, options in cases.items():
        module = torch.nn.MultiheadAttention(6, 2, batch_first=True)
        torch.nn.init.normal_(module.in_proj_bias)
        out.update(weighted(lambda x: module(x, x, x, need_weights=False, **options)[0], name, random(2, 4, 6)))
        out.update(state_of(module, name))
    module = torch.nn.MultiheadAttention(6, 3, batch_first=True)
    keys = random(2, 5, 6)
    out.update(weighted(lambda x: module(x, keys, keys, need_weights=False)[0], "others", random(2, 3, 6)))
    out.update({"others.keys": keys, "keep": 1.0 - padding.float(), **state_of(module, "others")})
    write("attention", out)


def float_state(module, prefix):
    """state_of() without the counters of batch normalisation, and with its running statistics after the pass as "after"."""
    return {key: value for key, value in state_of(module, prefix).items() if "num_batches" not in key}


def layers():
    """Convolution of sequences, batch normalisation, the Transformer's encoder, embeddings with padding and in bags."""
    out = {}
    for name, options in {"conv1d": dict(), "conv1d_options": dict(stride=2, padding=2, dilation=2, groups=2)}.items():
        module = torch.nn.Conv1d(4, 6, 3, **options)
        out.update({**weighted(module, name, random(2, 4, 9)), **state_of(module, name)})
    for name, module, shape in (("norm1d", torch.nn.BatchNorm1d(3), (5, 3)), ("norm1d_length", torch.nn.BatchNorm1d(3), (2, 3, 4)),
                                ("norm2d", torch.nn.BatchNorm2d(3), (2, 3, 4, 5))):
        torch.nn.init.normal_(module.weight)
        torch.nn.init.normal_(module.bias)
        before = {f"{name}.weights.{key}": value.clone() for key, value in module.state_dict().items() if "num" not in key}
        out.update(weighted(module, name, random(*shape, scale=2.0)))
        out.update(float_state(module, name))
        out.update({f"{name}.after.{key}": value.clone() for key, value in module.state_dict().items() if "num" not in key})
        out.update(before)
        module.eval()
        module.zero_grad(set_to_none=True)
        evaluated = f"{name}_eval"
        out.update({**weighted(module, evaluated, random(*shape)), **float_state(module, evaluated)})
    causal = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)
    padding = torch.tensor([[False, False, True, True], [False, False, False, False]])
    cases = {"post": (dict(), dict()), "pre": (dict(norm_first=True, activation="gelu"), dict(src_mask=causal)),
             "padded": (dict(), dict(src_key_padding_mask=padding))}
    for name, (options, call) in cases.items():
        module = torch.nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True, **options)
        out.update({**weighted(lambda x: module(x, **call), name, random(2, 4, 6)), **state_of(module, name)})
    layer = torch.nn.TransformerEncoderLayer(6, 3, 8, dropout=0.0, batch_first=True, norm_first=True)
    module = torch.nn.TransformerEncoder(layer, 2, norm=torch.nn.LayerNorm(6))
    out.update({**weighted(module, "encoder", random(2, 4, 6)), **state_of(module, "encoder")})
    out["keep"] = 1.0 - padding.float()

    ids, offsets = torch.tensor([1, 3, 3, 0, 4, 1]), torch.tensor([0, 2, 2, 5])
    out.update({"ids": ids, "offsets": offsets})
    modules = {"padding": torch.nn.Embedding(5, 3, padding_idx=3), "bag_sum": torch.nn.EmbeddingBag(5, 3, mode="sum"),
               "bag_mean": torch.nn.EmbeddingBag(5, 3, mode="mean"), "bag_max": torch.nn.EmbeddingBag(5, 3, mode="max")}
    factors = random(6).requires_grad_()
    for name, module in modules.items():
        y = module(ids) if name == "padding" else module(ids, offsets, factors if name == "bag_sum" else None)
        weight = random(*y.shape)
        (y * weight).sum().backward()
        out.update({f"{name}.y": y, f"{name}.weight": weight, **state_of(module, name)})
    out.update({"factors": factors, "factors_gradient": factors.grad})
    write("layers", out)


def ragged():
    """Recurrent nets on sequences of different lengths, in both directions, through PyTorch's packed sequences."""
    lengths = [3, 1, 4, 3]
    out = {"lengths": torch.tensor(lengths)}
    for name, make in {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.items():
        module = make(3, 4, 2, bidirectional=True)
        x = [random(length, 3).requires_grad_() for length in lengths]
        packed = torch.nn.utils.rnn.pack_sequence(x, enforce_sorted=False)
        y, after = module(packed)
        padded, _ = torch.nn.utils.rnn.pad_packed_sequence(y)
        rows = torch.cat([padded[:length, i] for i, length in enumerate(lengths)])
        after = list(after) if name == "lstm" else [after]
        weight = random(*rows.shape)
        ((rows * weight).sum() + sum((state ** 2).sum() for state in after)).backward()
        out.update({f"{name}.x": torch.cat(x), f"{name}.x_gradient": torch.cat([one.grad for one in x]), f"{name}.y": rows,
                    f"{name}.weight": weight, **{f"{name}.last{i}": last for i, last in enumerate(after)},
                    **state_of(module, name)})
    write("ragged", out)


for number, make in enumerate((mlp, neumf, losses, optimizers, recurrent, long_lstm, images, attention, layers, ragged)):
    torch.manual_seed(2024 + number)
    make()
