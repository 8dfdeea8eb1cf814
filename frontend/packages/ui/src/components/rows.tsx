import type { ComponentChildren } from 'preact'

interface RowProps {
  start?: ComponentChildren
  title: ComponentChildren
  detail?: ComponentChildren
  end?: ComponentChildren
  href?: string
}

/** One line of a `<ul class="rows">`; with `href` all of it is the link. */
export function Row({ start, title, detail, end, href }: RowProps) {
  const inside = (
    <>
      {start}
      <span class="row-main">
        <bdi class="row-title">{title}</bdi>
        {detail && (
          <>
            <br />
            <span class="row-detail">{detail}</span>
          </>
        )}
      </span>
      {end !== undefined && <span class="row-end">{end}</span>}
    </>
  )
  return (
    <li>
      {href ? (
        <a class="row" href={href}>
          {inside}
        </a>
      ) : (
        <div class="row">{inside}</div>
      )}
    </li>
  )
}
