/**
 * Writes, from schema/schema.graphql and every `*.graphql` file beside the screens:
 * - `<workspace>/src/generated/graphql.ts`: types of the documents, and one `Document` constant for each operation
 *   (kept apart by source file, so that a screen loads only its own);
 * - `dist/persisted.json`: {sha256 of the text: text}, the documents that the service answers by id.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { buildSchema, parse, print, validate, visit } from 'graphql'
import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import * as operations from '@graphql-codegen/typescript-operations'

const frontend = resolve(import.meta.dirname, '../../..')
const schemaText = readFileSync(resolve(frontend, '../schema/schema.graphql'), 'utf8')
const schema = buildSchema(schemaText)
const schemaDocument = parse(schemaText)
const scalars = { DateTime: 'string', Date: 'string', Points: 'number', Decimal: 'string', ID: 'string' }

const note = '// Made by `npm run codegen`; not committed.\n'
/** @type {Record<string, string>} */
const persisted = {}
for (const group of ['packages', 'apps'])
  for (const name of readdirSync(join(frontend, group)).sort()) await generate(join(frontend, group, name))
write(join(frontend, 'dist/persisted.json'), JSON.stringify(persisted, null, 1))

/** @param {string} workspace */
async function generate(workspace) {
  const source = join(workspace, 'src')
  if (!existsSync(source)) return
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.graphql')).sort()
  if (files.length === 0) return
  const documents = files.map((file) => {
    const location = join(source, file)
    return { location, document: parse(readFileSync(location, 'utf8')) }
  })
  const definitions = documents.flatMap(({ document }) => document.definitions)
  const whole = /** @type {import('graphql').DocumentNode} */ ({ kind: 'Document', definitions })
  const problems = validate(schema, whole)
  if (problems.length > 0) throw new Error(`${workspace}: ${problems.map((problem) => problem.message).join('\n')}`)

  const types = await codegen({
    filename: 'graphql.ts',
    schema: schemaDocument,
    documents,
    config: {
      scalars, enumsAsTypes: true, onlyOperationTypes: true, skipTypename: true, useTypeImports: true,
      strictScalars: true, avoidOptionals: { field: true }, dedupeFragments: true, inlineFragmentTypes: 'combine',
    },
    plugins: [{ typescript: {} }, { operations: {} }],
    pluginMap: { typescript, operations },
  })
  const generated = join(workspace, 'src/generated')
  const modules = documents.map(({ location, document }) => {
    const constants = document.definitions.filter((definition) => definition.kind === 'OperationDefinition').map((operation) => constant(operation, definitions))
    const name = basename(location, '.graphql')
    const imports = constants.flatMap(({ types }) => types).join(', ')
    if (constants.length > 0)
      write(
        join(generated, 'documents', `${name}.ts`),
        `${note}import type { Document } from '@stampbook/gql'\nimport type { ${imports} } from '../graphql.ts'\n\n${constants.map(({ text }) => text).join('\n')}\n`,
      )
    return constants.length > 0 ? [`export * from './documents/${name}.ts'`] : []
  })
  write(join(generated, 'graphql.ts'), `${note}${modules.flat().join('\n')}\n${types}`)
}

/**
 * @param {import('graphql').OperationDefinitionNode} operation
 * @param {import('graphql').DefinitionNode[]} definitions
 */
function constant(operation, definitions) {
  const name = operation.name?.value
  if (!name) throw new Error('Every operation needs a name')
  const text = [operation, ...fragmentsOf(operation, definitions)].map(print).join('\n\n')
  const id = createHash('sha256').update(text).digest('hex')
  persisted[id] = text
  const type = name + operation.operation[0]?.toUpperCase() + operation.operation.slice(1)
  return {
    types: [type, `${type}Variables`],
    text: `export const ${name}Document: Document<${type}, ${type}Variables> = { id: 'sha256:${id}' }`,
  }
}

/**
 * The fragments that an operation reaches, each once, in order of name.
 * @param {import('graphql').DefinitionNode} start
 * @param {import('graphql').DefinitionNode[]} definitions
 */
function fragmentsOf(start, definitions) {
  /** @type {Map<string, import('graphql').DefinitionNode>} */
  const found = new Map()
  /** @param {import('graphql').DefinitionNode} node */
  const walk = (node) => {
    visit(node, {
      FragmentSpread: ({ name: { value } }) => {
        const fragment = definitions.find((one) => one.kind === 'FragmentDefinition' && one.name.value === value)
        if (!fragment || found.has(value)) return
        found.set(value, fragment)
        walk(fragment)
      },
    })
  }
  walk(start)
  return [...found.keys()].sort().map((name) => /** @type {import('graphql').DefinitionNode} */ (found.get(name)))
}

/**
 * Leaves an unchanged file alone, so that watchers and build caches stay quiet.
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
}
