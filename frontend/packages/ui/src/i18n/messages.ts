/** Forms by CLDR plural category of `{n}`; `other` is always there. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
export type Message = string | Plural
export type Catalog = Record<string, Message>

/** The same keys as another catalog, in another language. */
export type Translation<Source extends Catalog> = Record<keyof Source, Message>

/** A number is written the locale's way and chooses the plural when it is `n`; text goes in as it is. */
export type Values = Record<string, string | number>

/** How a language counts and writes numbers. */
export interface Numbers {
  number(value: number): string
  plural(value: number): Intl.LDMLPluralRule
}

/** Fills `{name}` places of a message. Unknown names stay visible, so that a test or a reader finds them. */
export function format(message: Message, values: Values, numbers: Numbers): string {
  const text = typeof message === 'string' ? message : (message[numbers.plural(Number(values.n ?? 0))] ?? message.other)
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name]
    return value === undefined ? place : typeof value === 'number' ? numbers.number(value) : value
  })
}
