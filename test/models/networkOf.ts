/** A model that streams over tokens, as the engines take it. */
import type { Network } from '../../src/engine/network';
import { tokenNetwork } from '../../src/engine/recurrent';
import type { Model } from '../../src/models/model';
import type { TableNetwork } from '../engine/randomNetwork';

const hasTable = (network: Network): network is TableNetwork => network.input.table !== undefined;

/** @throws Error for a model that is no such one, or has no embedding */
export function networkOf(model: Model): TableNetwork {
  const network = tokenNetwork(model.network);
  if (network === undefined || !hasTable(network))
    throw new Error(`${model.name} does not stream over embedded tokens`);
  return network;
}
