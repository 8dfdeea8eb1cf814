export type Variables = Record<string, unknown>

declare const data: unique symbol
declare const variables: unique symbol

/** A persisted operation: the service knows the text by this id. Its answer and its variables are known to the compiler only. */
export interface Document<Data, Vars extends Variables = Variables> {
  readonly id: string
  readonly [data]?: Data
  readonly [variables]?: Vars
}
