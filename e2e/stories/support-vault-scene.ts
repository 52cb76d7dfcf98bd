import { startController } from '../harness/controller.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import { openStage, type Scene, type SceneOptions } from './support-scene.ts'

/** A scene with an OpenBao beside it. */
export interface VaultScene extends Scene {
  readonly bao: OpenBao
}

export async function openVaultScene(options: SceneOptions): Promise<VaultScene> {
  const stage = await openStage(options)
  try {
    const [bao, controller] = await Promise.all([
      startOpenBao(stage.lab.workspace),
      startController(stage.lab.controlPlane, options.controller),
    ])
    await controller.ready()
    return { ...stage, bao, controller }
  } catch (error) {
    await stage.stop()
    throw error
  }
}
