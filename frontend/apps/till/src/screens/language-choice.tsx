import { Select, type Locale } from '@stampbook/ui'
import { isLanguage, languages, type Language, type Words } from '../words/index.ts'

interface LanguageChoiceProps {
  locale: Locale<Words>
  onLanguage: (language: Language) => void
}

/** In which language the till speaks; each is named in itself. */
export function LanguageChoice({ locale, onLanguage }: LanguageChoiceProps) {
  const { t } = locale
  return (
    <Select
      label={t('settingsLanguage')}
      hint={t('settingsLanguageHint')}
      value={locale.language}
      onValue={(language) => isLanguage(language) && onLanguage(language)}
      options={languages}
    />
  )
}
