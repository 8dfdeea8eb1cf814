const words = {
  en: { signIn: 'See your points', open: 'Use your points', next: '{n} to {reward}', ready: '{reward} is yours', join: 'Join {programme}', offline: 'Your points are not reachable right now', wallet: 'Open your wallet' },
  de: { signIn: 'Punkte ansehen', open: 'Punkte einlösen', next: 'Noch {n} bis {reward}', ready: '{reward} gehört Ihnen', join: '{programme} beitreten', offline: 'Ihre Punkte sind gerade nicht erreichbar', wallet: 'Wallet öffnen' },
  es: { signIn: 'Ver sus puntos', open: 'Usar sus puntos', next: '{n} para {reward}', ready: '{reward} es suyo', join: 'Únase a {programme}', offline: 'Ahora no podemos ver sus puntos', wallet: 'Abrir su cartera' },
  ar: { signIn: 'اعرض نقاطك', open: 'استخدم نقاطك', next: 'بقي {n} حتى {reward}', ready: '{reward} لك', join: 'انضم إلى {programme}', offline: 'تعذر الوصول إلى نقاطك الآن', wallet: 'افتح محفظتك' },
}

type Word = keyof (typeof words)['en']
export type Say = (word: Word, values?: Record<string, string>) => string

/** The page's language where we speak it, else English. */
export function speaker(language: string): Say {
  const catalog = words[language.slice(0, 2) as keyof typeof words] ?? words.en
  return (word, values = {}) => catalog[word].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}
