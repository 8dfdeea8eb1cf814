import type { JSX } from 'preact'

export interface IconProps {
  size?: number
}

export type IconComponent = (props: IconProps) => JSX.Element

/** 24 by 24, drawn with a line; decorative, so a word always stands beside it. */
const icon = (path: string): IconComponent =>
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
export const IconCheck = /*#__PURE__*/ icon('m5 12.5 4.5 4.5L19 7.5')
export const IconCross = /*#__PURE__*/ icon('M6 6l12 12M18 6 6 18')
export const IconAlert = /*#__PURE__*/ icon('M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.01')
export const IconInfo = /*#__PURE__*/ icon('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.7v.01')
export const IconOffline = /*#__PURE__*/ icon('M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-3.5-2.2M8.5 16a5 5 0 0 1 7 0M2 9a14.5 14.5 0 0 1 4-2.7M22 9a14.5 14.5 0 0 0-11-3.9M12 19.5v.01')
export const IconClock = /*#__PURE__*/ icon('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2')
export const IconNext = /*#__PURE__*/ icon('m9 5 7 7-7 7')
export const IconBack = /*#__PURE__*/ icon('m15 5-7 7 7 7')
export const IconDown = /*#__PURE__*/ icon('m5 9 7 7 7-7')
export const IconSearch = /*#__PURE__*/ icon('M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5')
export const IconPlus = /*#__PURE__*/ icon('M12 5v14M5 12h14')
export const IconMinus = /*#__PURE__*/ icon('M5 12h14')
export const IconUndo = /*#__PURE__*/ icon('M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3')
export const IconRefresh = /*#__PURE__*/ icon('M20 5v5h-5M4 19v-5h5M19 10a8 8 0 0 0-14-2.5M5 14a8 8 0 0 0 14 2.5')
export const IconMail = /*#__PURE__*/ icon('M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM3.5 7l8.5 6 8.5-6')
export const IconPhone = /*#__PURE__*/ icon('M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1ZM11 18h2')
export const IconKey = /*#__PURE__*/ icon('M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 11h9v4M17 11v3')
export const IconLock = /*#__PURE__*/ icon('M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3')
export const IconLeave = /*#__PURE__*/ icon('M10 4H5v16h5M15 8l4 4-4 4M19 12H9')
export const IconStar = /*#__PURE__*/ icon('m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z')
export const IconReceipt = /*#__PURE__*/ icon('M6 3h12v18l-2.5-1.5L13 21l-2.5-1.5L8 21l-2-1.5zM9 8h6M9 12h6')
export const IconCamera = /*#__PURE__*/ icon('M4 7h3.5L9 5h6l1.5 2H20v12H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z')
export const IconKeyboard = /*#__PURE__*/ icon('M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M18 10h.01M8 14h8')
export const IconBarcode = /*#__PURE__*/ icon('M4 6v12M7.5 6v12M10 6v12M14 6v12M16.5 6v12M20 6v12')
export const IconPrint = /*#__PURE__*/ icon('M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z')
export const IconTag = /*#__PURE__*/ icon('M4 4h8l8 8-8 8-8-8zM8.5 8.5v.01')
export const IconGlobe = /*#__PURE__*/ icon('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 2.5 3.5 6 3.5 9s-.5 6.5-3.5 9c-3-2.5-3.5-6-3.5-9s.5-6.5 3.5-9Z')
export const IconExpand = /*#__PURE__*/ icon('M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5')
