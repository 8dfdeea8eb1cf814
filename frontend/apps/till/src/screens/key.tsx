/** The key that does the same, for those who work with a keyboard; assistive technology hears it from aria-keyshortcuts. */
export function Key({ name }: { name: string }) {
  return (
    <kbd class="key" aria-hidden="true">
      {name}
    </kbd>
  )
}
