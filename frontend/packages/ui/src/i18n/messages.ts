/** Forms by CLDR plural category of `{n}`; `other` is always there. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
export type Message = string | Plural
export type Catalog = Record<string, Message>

/** The same keys as another catalog, in another language. */
export type Translation<Source extends Catalog> = Record<keyof Source, Message>

/** A number is written the locale's way and chooses the plural when it is `n`; text goes in as it is. */
export type Values = Record<string, string | number>

/** Fills `{name}` places of a message. Unknown names stay visible, so that a test or a reader finds them. */
export function format(message: Message, values: Values, plural: Intl.PluralRules, number: Intl.NumberFormat): string {
  const text = typeof message === 'string' ? message : (message[plural.select(Number(values.n ?? 0))] ?? message.other)
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name]
    return value === undefined ? place : typeof value === 'number' ? number.format(value) : value
  })
}
