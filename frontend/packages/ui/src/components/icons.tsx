import type { JSX } from 'preact'

export interface IconProps {
  size?: number
}

export type IconComponent = (props: IconProps) => JSX.Element

/** 24 by 24, drawn with a line; decorative, so a word always stands beside it. */
export const icon = (path: string): IconComponent =>
  function Icon({ size = 22 }) {
    return (
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
        <path d={path} />
      </svg>
    )
  }

export const IconCard = /*#__PURE__*/ icon('M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM3 10h18M7 15h4')
export const IconGift = /*#__PURE__*/ icon('M4 12v8h16v-8M3 8h18v4H3zM12 8v12M12 8S7.5 8 7.5 5.5 11 3 12 8Zm0 0s4.5 0 4.5-2.5S13 3 12 8Z')
export const IconList = /*#__PURE__*/ icon('M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01')
export const IconUser = /*#__PURE__*/ icon('M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20c1-3.6 4-5 7.5-5s6.5 1.4 7.5 5')
export const IconOffline = /*#__PURE__*/ icon('M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-3.5-2.2M8.5 16a5 5 0 0 1 7 0M2 9a14.5 14.5 0 0 1 4-2.7M22 9a14.5 14.5 0 0 0-11-3.9M12 19.5v.01')
export const IconExpand = /*#__PURE__*/ icon('M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5')
