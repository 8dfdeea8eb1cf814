import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const named = /<(?:script|link)\b[^>]*?\b(?:src|href)="[^"]*?([^/"]+\.(?:js|css))"/g

/**
 * Fails the build when what a browser loads before anything is shown grows beyond its budget.
 * @param first file that is loaded: a page counts with the scripts and styles it names, a script with those it imports
 * @param kilobytes of 1,000 bytes, each file gzipped
 * @param ways names of the ways in which the file is used, each with the files that come on top
 */
export function budget(first: string, kilobytes: number, ways: Record<string, RegExp[]> = { '': [] }): Plugin {
  return {
    name: 'stampbook-budget',
    // What is written is final; before that, names of other files are still missing in it.
    writeBundle(_options, bundle) {
      const weights = new Map<string, number>()
      const weigh = (file: string) => {
        const found = bundle[file]
        if (!found || weights.has(file)) return
        const content = found.type === 'chunk' ? found.code : found.source
        weights.set(file, gzipSync(content).length)
        if (found.type === 'chunk') found.imports.forEach(weigh)
        else if (file.endsWith('.html')) for (const [, name] of content.toString().matchAll(named)) weigh(pathOf(name as string))
      }
      const pathOf = (name: string) => Object.keys(bundle).find((file) => file === name || file.endsWith(`/${name}`)) ?? name
      weigh(first)
      if (weights.size === 0) this.error(`there is no ${first}`)
      const base = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
      for (const [way, extra] of Object.entries(ways)) {
        const more = Object.values(bundle).filter((file) => file.type === 'chunk' && extra.some((pattern) => pattern.test(file.fileName)))
        if (more.length < extra.length) this.error(`${way}: a file is missing`)
        const size = more.reduce((sum, file) => sum + (file.type === 'chunk' ? gzipSync(file.code).length : 0), base)
        const words = `${first}${way && `, ${way}`}: ${(size / 1000).toFixed(1)} kB are loaded first, of ${kilobytes} kB`
        if (size > kilobytes * 1000) this.error(`${words}: ${[...weights.keys()].join(', ')}`)
        this.info(words)
      }
    },
  }
}
