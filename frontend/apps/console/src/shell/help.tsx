import { Button, IconCross } from '@stampbook/ui'
import { useLocale } from '../session/context.ts'

const shortcuts = [
  [['/'], 'help.search'],
  [['j', 'k'], 'help.move'],
  [['Enter', 'o'], 'help.open'],
  [['a'], 'help.adjust'],
  [['?'], 'help.help'],
  [['Esc'], 'help.close'],
] as const

/** The keys, in a corner; nothing behind it is blocked. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useLocale()
  return (
    <section class="help panel" role="dialog" aria-label={t('help.title')}>
      <div class="cluster between">
        <h2>{t('help.title')}</h2>
        <Button look="quiet" aria-label={t('close')} onClick={onClose}>
          <IconCross size={18} />
        </Button>
      </div>
      <dl class="keys">
        {shortcuts.map(([keys, label]) => (
          <div key={label}>
            <dt>
              {keys.map((key, at) => (
                <span key={key}>
                  {at > 0 && <span class="quiet small"> {t('help.or')} </span>}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{t(label)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
