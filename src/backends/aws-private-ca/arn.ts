/** The ARN of a private CA, taken apart. */
export interface AuthorityArn {
  readonly text: string
  /** `aws`, `aws-cn`, `aws-us-gov` */
  readonly partition: string
  readonly region: string
  /** 12 digits: the account that owns the CA. */
  readonly account: string
}

const AUTHORITY = /^arn:(aws[-a-z0-9]*):acm-pca:([-a-z0-9]+):(\d{12}):certificate-authority\/[-0-9a-fA-F]{36}$/
/** AWS's pattern of names in ARNs; the service writes a serial number there. */
const CERTIFICATE = /^[\w+=,.@-]{1,128}$/
const CALLER = /\barn:aws[-a-z0-9]*:(?:iam|sts)::(\d{12}):/

/** @returns undefined where the text is not the ARN of a private CA */
export function parseAuthorityArn(text: string): AuthorityArn | undefined {
  const [, partition, region, account] = AUTHORITY.exec(text) ?? []
  if (partition === undefined || region === undefined || account === undefined) return undefined
  return { text, partition, region, account }
}

/** Whether this is the name of a certificate of this CA: of any other, nobody should be given it. */
export function isCertificateOf(authority: string, certificateArn: string): boolean {
  const prefix = `${authority}/certificate/`
  return certificateArn.startsWith(prefix) && CERTIFICATE.test(certificateArn.slice(prefix.length))
}

/** Whether this is the name of a certificate of any private CA. */
export function isCertificateArn(text: string): boolean {
  const [authority] = text.split('/certificate/', 1)
  return authority !== undefined && parseAuthorityArn(authority) !== undefined && isCertificateOf(authority, text)
}

/** @param name `EndEntityCertificate/V1` */
export function templateArn({ partition }: AuthorityArn, name: string): string {
  return `arn:${partition}:acm-pca:::template/${name}`
}

/** The account of the first user, role or session that a text names. */
export function accountIn(text: string): string | undefined {
  return CALLER.exec(text)?.[1]
}
