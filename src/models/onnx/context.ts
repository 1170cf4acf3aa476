/** What the operators share while a graph is read: the file's limits, the sources found, the node at hand. */
import type { Values } from '../../engine/vector';
import type { GatescopeError } from '../../shared/errors';
import { say, textIn, type Text } from '../../shared/l10n';
import { damaged, quote } from '../errors';
import { labelOf, type AttributeValues, type OnnxNode } from './graph';
import { Sources } from './sources';
import { NotFollowed, type Constant, type Limits, type Value } from './values';

const MOST_WARNINGS = 100;

export class Context {
  readonly sources = new Sources();
  /** Sizes of open axes, where the file fixes them. */
  readonly hints = new Map<string, number>();
  /** The open axis that the recurrent layers walk along, once one is found. */
  time: string | undefined;
  /** What is odd though it can be run; grows while weights are read. */
  readonly warnings: Text[] = [];
  private work = 0;
  private cost = 0;

  constructor(
    readonly file: string,
    readonly opset: number,
    readonly limits: Limits,
  ) {}

  /** Each sentence once, and no more than anyone would read. */
  warn(sentence: Text): void {
    if (this.warnings.length < MOST_WARNINGS && !this.warnings.some((known) => textIn(known) === textIn(sentence))) {
      this.warnings.push(sentence);
    }
  }

  /** @throws NotFollowed beyond the limit */
  spend(values: number): void {
    this.work += values;
    if (this.work > this.limits.work) throw new NotFollowed(say`the graph takes too much work to follow`);
  }

  /** A constant's values, while the graph is followed. @throws NotFollowed where too many are asked for in all */
  read(constant: Constant): Values {
    this.charge(constant.cost);
    return constant.read();
  }

  /** @throws NotFollowed where constants cost too much in all */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limits.cost) throw new NotFollowed(say`its constants take too much work`);
  }
}

/** An operator: its node's inputs to what is known of its outputs. @throws NotFollowed, model-damaged */
export type Operator = (context: Context, node: NodeView, inputs: readonly (Value | undefined)[]) => readonly Value[];

/** A node and its attributes, each asked for by name and type. */
export class NodeView {
  constructor(
    readonly file: string,
    readonly node: OnnxNode,
  ) {}

  get label(): string {
    return labelOf(this.node);
  }

  damaged(what: Text): GatescopeError {
    return damaged(this.file, say`${this.label} has ${what}.`);
  }

  get<T extends keyof AttributeValues>(name: string, type: T): AttributeValues[T] | undefined {
    const found = this.node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.type !== type) throw this.damaged(say`an attribute ${quote(name)} that is not of type ${type}`);
    // The type has just been compared, which TypeScript does not follow through a type parameter.
    return found.value as AttributeValues[T];
  }

  int(name: string, otherwise: number): number {
    return this.get(name, 'INT') ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.get(name, 'FLOAT') ?? otherwise;
  }
}

/** An input that the operator cannot do without. @throws model-damaged */
export function need(node: NodeView, inputs: readonly (Value | undefined)[], place: number): Value {
  const value = inputs[place];
  if (value === undefined) throw node.damaged(say`no input ${place}`);
  return value;
}
