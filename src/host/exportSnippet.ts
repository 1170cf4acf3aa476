/**
 * The lines of Python that a person runs beside their own model: they save its weights, its vocabulary or scaling, and a
 * reference trace for *Verify Against Reference…*. Pure. Written for PyTorch 2 and Keras 3.
 */
import type { Translate } from '../shared/l10n';

export type Framework = 'pytorch' | 'keras';
export type SnippetInput = 'tokens' | 'numbers';

export interface Snippet {
  readonly framework: Framework;
  readonly input: SnippetInput;
  readonly label: string;
  readonly detail: string;
}

/** Those that a person may choose from. */
export function snippets(t: Translate): readonly Snippet[] {
  const tokens = (model: string): string =>
    t('{0}, {1} with the vocabulary, {2} and {3}', model, 'model.gatescope.json', 'reference.txt', 'reference.npz');
  const numbers = (model: string): string =>
    t('{0}, {1} with the scaling, {2} and {3}', model, 'model.gatescope.json', 'reference.csv', 'reference.npz');
  const [torch, keras] = ['model.safetensors', 'model.keras'];
  return [
    { framework: 'pytorch', input: 'tokens', label: t('PyTorch, a model over text'), detail: tokens(torch) },
    { framework: 'keras', input: 'tokens', label: t('Keras, a model over text'), detail: tokens(keras) },
    { framework: 'pytorch', input: 'numbers', label: t('PyTorch, a model over numbers'), detail: numbers(torch) },
    { framework: 'keras', input: 'numbers', label: t('Keras, a model over numbers'), detail: numbers(keras) },
  ];
}

/** Python as it can be run; what must be filled in stands in the first lines. */
export function exportSnippet(framework: Framework, input: SnippetInput): string {
  const parts = framework === 'pytorch' ? PYTORCH : KERAS;
  return [parts.imports, parts.yours[input], parts.weights, SIDECAR[input], parts.trace, parts.save[input]].join('\n');
}

/** A NAME.gatescope.json beside the weights is found by itself. */
const SIDECAR: Readonly<Record<SnippetInput, string>> = {
  tokens: `with open("model.gatescope.json", "w", encoding="utf-8") as file:
    json.dump({"tokenizer": {"kind": "characters", "tokens": tokens}}, file)
with open("reference.txt", "w", encoding="utf-8", newline="") as file:
    file.write(text)
`,
  numbers: `with open("model.gatescope.json", "w", encoding="utf-8") as file:
    json.dump({"numbers": {"columns": columns, "shift": shift, "scale": scale}}, file)
np.savetxt("reference.csv", rows, delimiter=",", header=",".join(columns), comments="", fmt="%.9g")
`,
};

interface Parts {
  readonly imports: string;
  /** What only the person knows. */
  readonly yours: Readonly<Record<SnippetInput, string>>;
  readonly weights: string;
  /** A function of the recurrent part and its input: hidden and cell states of every layer at every step. */
  readonly trace: string;
  readonly save: Readonly<Record<SnippetInput, string>>;
}

const TOKENS = `tokens = [...]          # your vocabulary: tokens[id] is the text of a token
text = "..."            # what the reference trace reads`;

const NUMBERS = `rows = np.array(...)    # [steps, columns]: what the reference trace reads, before scaling
columns = [...]         # their names
shift, scale = [0.0] * len(columns), [1.0] * len(columns)   # the model reads (value - shift) / scale`;

const IDS = `ids = [tokens.index(c) for c in text]`;

const PYTORCH: Parts = {
  imports: `# Saves a PyTorch model for Gatescope. Needs: pip install torch safetensors numpy
import json
import numpy as np
import torch
from safetensors.torch import save_file
`,
  yours: {
    tokens: `model = ...             # your trained model
rnn = model.lstm        # its nn.LSTM, nn.GRU or nn.RNN
embed = model.embedding # its nn.Embedding; for one-hot: lambda ids: torch.eye(len(tokens))[ids]
${TOKENS}
`,
    numbers: `model = ...             # your trained model
rnn = model.lstm        # its nn.LSTM, nn.GRU or nn.RNN
${NUMBERS}
`,
  },
  weights: `model.eval().cpu().float()
save_file({name: value.detach().clone().contiguous() for name, value in model.state_dict().items()}, "model.safetensors")
`,
  trace: `def trace(rnn, x):      # x: [time, input]
    kinds = {"LSTM": torch.nn.LSTMCell, "GRU": torch.nn.GRUCell}
    arrays = {}
    for layer in range(rnn.num_layers):
        sides = []
        for way in ["", "_reverse"] if rnn.bidirectional else [""]:
            cell = kinds.get(rnn.mode, torch.nn.RNNCell)(x.shape[1], rnn.hidden_size, rnn.bias)
            cell.load_state_dict({name: getattr(rnn, f"{name}_l{layer}{way}") for name in cell.state_dict()})
            if rnn.mode == "RNN_RELU":
                cell.nonlinearity = "relu"
            state, steps = None, []
            for row in (x.flip(0) if way else x):
                state = cell(row[None], state)
                steps.append(state if rnn.mode == "LSTM" else (state,))
            for name, values in zip(("hidden", "cell"), zip(*steps)):
                values = torch.cat(values)
                arrays[f"l{layer}{way}.{name}"] = values.flip(0) if way else values
            sides.append(arrays[f"l{layer}{way}.hidden"])
        x = torch.cat(sides, dim=1)
    return {name: values.numpy() for name, values in arrays.items()}
`,
  save: {
    tokens: `with torch.no_grad():
    ${IDS}
    np.savez("reference.npz", tokens=np.array(ids, np.int32), **trace(rnn, embed(torch.tensor(ids)).float()))
`,
    numbers: `with torch.no_grad():
    x = torch.tensor((rows - shift) / scale, dtype=torch.float32)
    np.savez("reference.npz", **trace(rnn, x))
`,
  },
};

const KERAS: Parts = {
  imports: `# Saves a Keras model for Gatescope. Needs: pip install keras numpy, and a backend
import json
import numpy as np
import keras
`,
  yours: {
    tokens: `model = ...             # your trained model, one layer after the other
${TOKENS}
`,
    numbers: `model = ...             # your trained model, one layer after the other
${NUMBERS}
`,
  },
  weights: `model.save("model.keras")
`,
  trace: `def trace(layers, x):   # x: [1, time, ...]
    numpy = keras.ops.convert_to_numpy
    arrays, depth = {}, 0
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        both = isinstance(layer, keras.layers.Bidirectional)
        sides = []
        for part in [layer.forward_layer, layer.backward_layer] if both else [layer]:
            if not hasattr(part, "cell"):
                continue
            back = part.go_backwards
            state, steps = part.cell.get_initial_state(batch_size=1), []
            for t in reversed(range(x.shape[1])) if back else range(x.shape[1]):
                _, state = part.cell(x[:, t], state)
                steps.append([numpy(value)[0] for value in state])
            name = f"l{depth}_reverse" if back else f"l{depth}"
            for kind, values in zip(("hidden", "cell"), zip(*steps)):
                arrays[f"{name}.{kind}"] = np.stack(values[::-1] if back else values)
            sides.append(arrays[f"{name}.hidden"])
        if not sides:
            x = layer(x)
            continue
        depth += 1
        mode = getattr(layer, "merge_mode", "concat") if both else "concat"
        merge = {"sum": sum, "ave": lambda s: sum(s) / 2, "mul": lambda s: s[0] * s[1]}
        merged = merge[mode](sides) if mode in merge else np.concatenate(sides, axis=1)
        # A layer that reads backwards hands on its states in the order in which it read.
        x = keras.ops.convert_to_tensor((merged[::-1] if not both and part.go_backwards else merged)[None])
        if not (layer.forward_layer if both else layer).return_sequences:
            break
    return arrays
`,
  save: {
    tokens: `${IDS}
x = keras.ops.convert_to_tensor(np.array([ids], np.int32))
# For one-hot inputs: x = keras.ops.one_hot(x, len(tokens))
np.savez("reference.npz", tokens=np.array(ids, np.int32), **trace(model.layers, x))
`,
    numbers: `x = keras.ops.convert_to_tensor(((rows - shift) / scale)[None].astype("float32"))
np.savez("reference.npz", **trace(model.layers, x))
`,
  },
};
