/**
 * Follows an ONNX graph from its inputs to its outputs, node by node in the file's order, with what is known of each
 * value (values.ts): which operators are layers, which only move axes, and what cannot be followed and why.
 */
import { GatescopeError } from '../../shared/errors';
import { say, type Text } from '../../shared/l10n';
import { damaged, quote } from '../errors';
import { ARITHMETIC, isPairOp, storedConstant } from './arithmetic';
import { NodeView, type Context, type Operator } from './context';
import {
  functionKey,
  isRecurrent,
  labelOf,
  type Attribute,
  type GraphBody,
  type OnnxFile,
  type OnnxNode,
} from './graph';
import { DENSE } from './dense';
import { GROWTH } from './growth';
import { ENDS, LAYERS, pair } from './layers';
import { LOOKUPS } from './lookup';
import { MOVES } from './moves';
import { PLACES } from './places';
import { recurrentOutputs, unknownOutputs } from './recurrent';
import { entriesOf, NotFollowed, opaque, type Value } from './values';
import { WireError } from './wire';

/** Functions and branches within each other. */
const DEEPEST = 16;
/** Nodes in all, each call of a function anew. */
const MOST_NODES = 100_000;

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...[MOVES, PLACES, GROWTH, ARITHMETIC, LOOKUPS, DENSE, LAYERS].flatMap((operators) => Object.entries(operators)),
]);

class Scope {
  private readonly values = new Map<string, Value>();

  constructor(private readonly outer?: Scope) {}

  get(name: string): Value | undefined {
    // Scopes are as deep as graphs are nested.
    return this.values.get(name) ?? this.outer?.get(name);
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
}

/** A recurrent layer or a loop that could not be followed, and why. */
export interface Blocked {
  readonly label: string;
  readonly reason: Text;
}

export class Follower {
  /** In the order in which they stand. */
  readonly blocked: Blocked[] = [];
  private nodes = 0;

  constructor(
    private readonly context: Context,
    private readonly model: OnnxFile,
  ) {}

  /** @param inputs of the graph by name @returns of its outputs, in their order @throws model-damaged */
  graph(body: GraphBody, inputs: ReadonlyMap<string, Value>): (Value | undefined)[] {
    const scope = new Scope();
    for (const [name, value] of inputs) scope.set(name, value);
    this.body(body, scope, 0);
    return body.outputs.map((name) => scope.get(name));
  }

  private body(body: GraphBody, scope: Scope, depth: number): void {
    for (const [name, tensor] of body.initializers) scope.set(name, storedConstant({ ...tensorParts(tensor), name }));
    for (const [name, refusal] of body.unreadable) {
      scope.set(name, opaque([refusal.message.replace(`${this.context.file}: `, '')], []));
    }
    for (const node of body.nodes) this.step(node, scope, depth);
  }

  private step(node: OnnxNode, scope: Scope, depth: number): void {
    if (++this.nodes > MOST_NODES) {
      throw new GatescopeError(
        'model-unsupported',
        say`${this.context.file}: Its functions and branches come to more than ${MOST_NODES} nodes. Export a simpler
          model.`,
      );
    }
    const inputs = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = scope.get(name);
      if (value) return value;
      throw damaged(this.context.file, say`${labelOf(node)} reads ${quote(name)}, which nothing before it gives.`);
    });
    const values = this.outputs(node, inputs, scope, depth);
    for (const [k, name] of node.outputs.entries()) {
      // Masks and the like that an operator gives beside what it is for.
      if (name !== '') scope.set(name, values[k] ?? opaque([labelOf(node)], inputs));
    }
  }

  private outputs(
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
    scope: Scope,
    depth: number,
  ): readonly Value[] {
    try {
      if (node.domain === '' && node.op === 'If') return this.branch(node, inputs, scope, depth);
      const inner = this.model.functions.get(functionKey(node.domain, node.op));
      if (inner) return this.call(node, inner, inputs, depth);
      if (node.domain !== '') throw new NotFollowed(say`it is no operator of ONNX itself`);
      return this.operator(node, inputs);
    } catch (error) {
      if (error instanceof WireError) throw damaged(this.context.file, say`${labelOf(node)}: ${error.text}`);
      if (!(error instanceof NotFollowed)) throw error;
      const label = labelOf(node);
      const layer = isRecurrent(node.op) || /LSTM|GRU|RNN|^Loop$|^Scan$/u.test(node.op);
      if (layer) this.blocked.push({ label, reason: reasonOf(error, inputs) });
      const known = inputs.find((value) => value?.kind === 'opaque');
      // What stands behind something unknown is not itself to blame, unless it is a layer.
      return unknownOutputs(node, [...error.causes, ...(known && !layer ? [] : [label])], inputs);
    }
  }

  private operator(node: OnnxNode, inputs: readonly (Value | undefined)[]): readonly Value[] {
    const { op } = node;
    if (isRecurrent(op)) return recurrentOutputs(this.context, { ...node, op }, this.nodes, inputs);
    const view = new NodeView(this.context.file, node);
    if (ENDS.has(op) && inputs.some((value) => value?.kind === 'stream')) {
      return unknownOutputs(node, [], inputs);
    }
    const operator = isPairOp(op) ? pair : OPERATORS.get(op);
    if (operator === undefined) throw new NotFollowed(say`it is not among the operators that are known`);
    return operator(this.context, view, inputs);
  }

  /** A local function (https://github.com/onnx/onnx/blob/main/docs/IR.md#functions), with the call's attributes put in. */
  private call(
    node: OnnxNode,
    { inputs: names, outputs, nodes, defaults }: NonNullable<ReturnType<OnnxFile['functions']['get']>>,
    inputs: readonly (Value | undefined)[],
    depth: number,
  ): readonly Value[] {
    if (depth >= DEEPEST) throw this.tooDeep();
    const scope = new Scope();
    for (const [k, name] of names.entries()) {
      const value = inputs[k];
      if (value) scope.set(name, value);
    }
    const given = (name: string): Attribute | undefined => node.attributes.get(name) ?? defaults.get(name);
    for (const inner of nodes) {
      const attributes = new Map<string, Attribute>();
      for (const [name, attribute] of inner.attributes) {
        const value = attribute.type === 'REFERENCE' ? given(attribute.value) : attribute;
        if (value) attributes.set(name, value);
      }
      const name = [node.name, inner.name].filter((part) => part !== '').join('/');
      this.step(
        {
          ...inner,
          name,
          attributes,
          inputs: inner.inputs.map((one) => (scope.get(one) || one === '' ? one : missing(names, one))),
        },
        scope,
        depth + 1,
      );
    }
    return outputs.map((name) => scope.get(name) ?? opaque([labelOf(node)], inputs));
  }

  /** The branch that a constant chooses; without one, that which holds a recurrent layer, else the second. */
  private branch(
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
    scope: Scope,
    depth: number,
  ): readonly Value[] {
    if (depth >= DEEPEST) throw this.tooDeep();
    const view = new NodeView(this.context.file, node);
    const [yes, no] = [view.get('then_branch', 'GRAPH'), view.get('else_branch', 'GRAPH')];
    if (!yes || !no) throw view.damaged(say`no branches`);
    const [condition] = (inputs[0] && entriesOf(inputs[0]))?.entries ?? [];
    const known = typeof condition === 'number' ? condition !== 0 : undefined;
    const chosen = known ?? (!holdsLayer(no, 0) && holdsLayer(yes, 0));
    if (known === undefined && (holdsLayer(yes, 0) || holdsLayer(no, 0))) {
      this.context.warn(
        say`${view.label} chooses while it runs; its ${chosen ? 'then' : 'else'} branch, which holds the layers, is
          shown.`,
      );
    }
    const body = chosen ? yes : no;
    const inner = new Scope(scope);
    this.body(body, inner, depth + 1);
    return body.outputs.map((name) => inner.get(name) ?? opaque([view.label], inputs));
  }

  private tooDeep(): GatescopeError {
    return new GatescopeError(
      'model-unsupported',
      say`${this.context.file}: Its functions and branches are nested more than ${DEEPEST} deep. Export it without
        them.`,
    );
  }
}

/** An input that a call leaves out stands as an empty name. */
const missing = (names: readonly string[], name: string): string => (names.includes(name) ? '' : name);

const tensorParts = ({
  shape,
  kind,
  read,
}: {
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int';
  readonly read: () => Float32Array | Float64Array;
}): Pick<Parameters<typeof storedConstant>[0], 'shape' | 'kind' | 'read'> => ({ shape, kind, read });

function reasonOf({ text }: NotFollowed, inputs: readonly (Value | undefined)[]): Text {
  const causes = inputs[0]?.kind === 'opaque' ? inputs[0].causes : [];
  return causes.length > 0 ? say`its input goes through ${causes.join(', ')}` : text;
}

/** Graphs are nested at most as deep as they are read. */
const holdsLayer = (body: GraphBody, depth: number): boolean =>
  depth < DEEPEST &&
  body.nodes.some(
    ({ op, attributes }) =>
      isRecurrent(op) ||
      [...attributes.values()].some((one) => one.type === 'GRAPH' && holdsLayer(one.value, depth + 1)),
  );
