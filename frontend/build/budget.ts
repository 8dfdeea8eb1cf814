import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/**
 * Fails the build when the JavaScript that an entry loads before anything is shown grows beyond its budget.
 * @param entry file name of the entry without its ending
 * @param kilobytes of 1,000 bytes, gzipped
 */
export function budget(entry: string, kilobytes: number): Plugin {
  return {
    name: 'stampbook-budget',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const needed = new Set<string>()
      const visit = (file: string) => {
        const chunk = bundle[file]
        if (chunk?.type !== 'chunk' || needed.has(file)) return
        needed.add(file)
        chunk.imports.forEach(visit)
      }
      for (const [file, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === entry) visit(file)
      if (needed.size === 0) this.error(`no entry is called ${entry}`)
      const size = [...needed].reduce((sum, file) => {
        const chunk = bundle[file]
        return sum + (chunk?.type === 'chunk' ? gzipSync(chunk.code).length : 0)
      }, 0)
      const words = `${entry} loads ${(size / 1000).toFixed(1)} kB of JavaScript first, of ${kilobytes} kB`
      if (size > kilobytes * 1000) this.error(`${words}: ${[...needed].join(', ')}`)
      this.info(words)
    },
  }
}
