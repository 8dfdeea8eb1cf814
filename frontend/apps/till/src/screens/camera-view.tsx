import { Banner, Button, IconCamera } from '@stampbook/ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CameraError, startCamera, type CameraProblem } from '../scan/camera.ts'
import { useTill } from '../session/context.ts'
import type { Words } from '../words/index.ts'

const WORDS: Record<CameraProblem, Words> = {
  refused: 'cameraRefused',
  missing: 'cameraMissing',
  unsupported: 'cameraUnsupported',
}

/** Whether the camera was left on is remembered on this till. */
const FACT = 'camera'

/** The camera's picture, on when a cashier wants it, and what it reads. */
export function CameraView({ onCode }: { onCode: (text: string) => void }) {
  const { session, locale } = useTill()
  const { t } = locale
  const [on, setOn] = useState(false)
  const [problem, setProblem] = useState<CameraProblem | null>(null)
  const video = useRef<HTMLVideoElement>(null)
  const latest = useRef(onCode)
  latest.current = onCode

  useEffect(() => {
    void session.database.fact<boolean>(FACT).then((kept) => setOn(kept === true))
  }, [session])

  useEffect(() => {
    if (!on || video.current === null) return
    let stop = () => undefined as void
    let left = false
    startCamera(video.current, (text) => latest.current(text)).then(
      (stopCamera) => {
        if (left) stopCamera()
        else stop = stopCamera
      },
      (error: unknown) => {
        setProblem(error instanceof CameraError ? error.problem : 'missing')
        setOn(false)
      },
    )
    return () => {
      left = true
      stop()
    }
  }, [on])

  const toggle = () => {
    setProblem(null)
    setOn(!on)
    void session.database.keep(FACT, !on)
  }

  return (
    <>
      <Button aria-pressed={on} onClick={toggle}>
        <IconCamera /> {t(on ? 'cameraStop' : 'cameraStart')}
      </Button>
      {problem && (
        <Banner tone="warn" live="alert">
          {t(WORDS[problem])}
        </Banner>
      )}
      {on && (
        <figure class="camera">
          <video ref={video} muted playsInline aria-label={t('cameraView')} />
          <figcaption>{t('cameraAim')}</figcaption>
        </figure>
      )}
    </>
  )
}
