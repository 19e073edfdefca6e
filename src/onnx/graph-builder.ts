/**
 * Puts an ONNX graph together node by node: https://onnx.ai/onnx/repo-docs/IR.html. Written with onnx-buf, the compiled
 * schema.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';

/** Element types of tensors. */
export type ElementType = 'float' | 'double' | 'int64';

/** Operators of opset 17, which every runtime since 2022 has. */
const opset = 17n;
const irVersion = 8n;
const dataTypes = {
  float: TensorProto_DataType.FLOAT,
  double: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
} as const;

/**
 * Collects nodes, constants, inputs and outputs of one graph. Values inside are named `/…`, so that no column can have
 * their names.
 */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  #named = 0;

  /** Declares an input. @param shape - sides; a text is a side that may differ from call to call. @returns its name */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes a value of the graph an output under a name of its own. */
  output(name: string, value: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
    this.#nodes.push(create(NodeProtoSchema, { opType: 'Identity', name: '/output', input: [value], output: [name] }));
  }

  /** Applies an operator. @returns the name of its only output */
  apply(opType: string, input: readonly string[], attributes: Readonly<Record<string, number>> = {}): string {
    const name = `/${opType.toLowerCase()}.${this.#named++}`;
    const attribute = Object.entries(attributes).map(([key, value]) =>
      create(AttributeProtoSchema, { name: key, type: AttributeProto_AttributeType.INT, i: BigInt(value) }),
    );
    this.#nodes.push(create(NodeProtoSchema, { opType, name, input: [...input], output: [name], attribute }));
    return name;
  }

  /** A constant tensor. @returns its name, `/name` */
  constant(name: string, type: ElementType, shape: readonly number[], values: ArrayLike<number>): string {
    const rawData = bytesOf(type, values);
    const dims = shape.map(BigInt);
    this.#constants.push(create(TensorProtoSchema, { name: `/${name}`, dataType: dataTypes[type], dims, rawData }));
    return `/${name}`;
  }

  /** The whole model as bytes. @param metadata - texts by name */
  build({
    name,
    version,
    metadata,
  }: {
    name: string;
    version: string;
    metadata: ReadonlyMap<string, string>;
  }): Uint8Array {
    const graph = create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: this.#constants,
      input: this.#inputs,
      output: this.#outputs,
    });
    const model = create(ModelProtoSchema, {
      irVersion,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: opset })],
      producerName: 'category2vec',
      producerVersion: version,
      graph,
      metadataProps: Array.from(metadata, ([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((side) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof side === 'number' ? { case: 'dimValue', value: BigInt(side) } : { case: 'dimParam', value: side },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: dataTypes[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}

/** Little-endian, as the format asks, in memory of its own: weights may lie in shared memory. */
function bytesOf(type: ElementType, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const view = (array: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>) =>
    new Uint8Array(array.buffer);
  if (type === 'float') return view(Float32Array.from(values));
  if (type === 'double') return view(Float64Array.from(values));
  return view(BigInt64Array.from(Array.from(values), BigInt));
}
