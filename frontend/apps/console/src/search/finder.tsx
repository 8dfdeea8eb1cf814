import { Button, IconCross, IconSearch, navigate } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemText } from '../logic/errors.ts'
import { recents } from '../logic/recent.ts'
import { useLocale } from '../session/context.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import type { Key } from '../words/en.ts'
import { HitLink, memberPath } from './hit.tsx'
import { useSearch } from './use-search.ts'
import './search.css'

/** Finds anything that an agent has at hand, and remembers who was looked at last. */
export function Finder({ path }: { path: string }) {
  const locale = useLocale()
  const { t } = locale
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [openFirst, setOpenFirst] = useState(false)
  const search = useSearch(text)
  const { hits, searching, answered, error } = search
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useShortcuts({
    search: () => {
      input.current?.focus()
      input.current?.select()
    },
  })
  // On a narrow screen the list stands over the page: a page that was chosen takes its place.
  useEffect(() => setOpen(false), [path])
  useEffect(() => {
    if (!openFirst || searching) return
    setOpenFirst(false)
    const [first] = hits
    if (first) navigate(memberPath(first.node.id))
  }, [openFirst, searching, hits])

  const step = (by: 1 | -1) => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])]
    const now = links.indexOf(document.activeElement as HTMLAnchorElement)
    const target = links[now + by]
    if (target) target.focus()
    else if (by === -1) input.current?.focus()
  }
  const arrows = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    step(event.key === 'ArrowDown' ? 1 : -1)
  }
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    if (text) setText('')
    else input.current?.blur()
  }
  const wanted = text.trim().length >= 2
  return (
    <div class="finder" data-open={open} onKeyDown={arrows}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          if (wanted) setOpenFirst(true)
        }}
      >
        <label class="visually-hidden" for="find">
          {t('find.label')}
        </label>
        <span class="finder-box">
          <IconSearch size={18} />
          <input
            id="find"
            ref={input}
            class="input"
            type="search"
            autocomplete="off"
            spellcheck={false}
            enterkeyhint="search"
            placeholder={t('find.placeholder')}
            aria-keyshortcuts="/"
            value={text}
            onFocus={() => setOpen(true)}
            onInput={(event) => {
              setText(event.currentTarget.value)
              setOpen(true)
            }}
            onKeyDown={escape}
          />
          {text ? (
            <Button look="quiet" aria-label={t('find.clear')} onClick={() => { setText(''); input.current?.focus() }}>
              <IconCross size={16} />
            </Button>
          ) : (
            <kbd aria-hidden="true">/</kbd>
          )}
        </span>
      </form>
      <span class="visually-hidden" role="status">
        {wanted && (searching ? t('find.searching') : t('find.count', { n: hits.length }))}
      </span>
      <div class="found" ref={list}>
        {!wanted ? (
          <RecentList path={path} />
        ) : (
          <>
            <h2 class="found-title">{t('find.results')}</h2>
            {error !== undefined && <p class="found-none bad">{problemText(error, locale)}</p>}
            {!searching && error === undefined && hits.length === 0 && (
              <div class="found-none stack stack-tight">
                <p>{t('find.none', { text: answered })}</p>
                <p class="quiet small">{t('find.noneHint')}</p>
              </div>
            )}
            <ul class="hits" aria-label={t('find.results')} aria-busy={searching}>
              {hits.map((hit) => (
                <li key={`${hit.node.id} ${hit.matchedOn}`}>
                  <HitLink hit={hit} current={path === memberPath(hit.node.id)} match={t(`match.${hit.matchedOn}` as Key)} />
                </li>
              ))}
            </ul>
            {search.hasMore && (
              <Button look="quiet" wide onClick={() => void search.more()}>
                {t('find.more')}
              </Button>
            )}
          </>
        )}
      </div>
    </div>
  )
}

function RecentList({ path }: { path: string }) {
  const { t } = useLocale()
  const [list, setList] = useState(recents)
  useEffect(() => {
    const update = () => setList(recents())
    update()
    addEventListener('stampbook:recent', update)
    return () => removeEventListener('stampbook:recent', update)
  }, [path])
  return (
    <>
      <h2 class="found-title">{t('find.recent')}</h2>
      {list.length === 0 && <p class="found-none quiet small">{t('find.recentNone')}</p>}
      <ul class="hits" aria-label={t('find.recent')}>
        {list.map(({ id, name }) => (
          <li key={id}>
            <a class="hit" href={memberPath(id)} aria-current={path === memberPath(id) ? 'page' : undefined}>
              <bdi class="hit-name">{name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
