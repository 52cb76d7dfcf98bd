import { AwsError, invalidMember } from './aws-error.ts'

export interface AuthorityArn {
  readonly partition: string
  readonly region: string
  /** 12 digits. */
  readonly account: string
}

const PARTITIONS: readonly string[] = ['aws', 'aws-cn', 'aws-us-gov']
/** The pattern and length of the type Arn in the service model. */
const MODEL = /^arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]*:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/
const LENGTH = { least: 5, most: 200 } as const
const AUTHORITY = /^arn:([a-z-]+):acm-pca:([a-z0-9-]+):([0-9]{12}):certificate-authority\/[0-9a-fA-F-]{36}$/
const TEMPLATE = /^arn:([a-z-]+):acm-pca:::template\/([A-Za-z0-9_]+\/V[0-9]+)$/

/** @throws AwsError `ValidationException` for what the service model refuses */
export function checkArn(member: string, arn: string): void {
  if (arn.length < LENGTH.least) throw invalidMember(member, arn, 'Member must have length greater than or equal to 5')
  if (arn.length > LENGTH.most) throw invalidMember(member, arn, 'Member must have length less than or equal to 200')
  if (!MODEL.test(arn))
    throw invalidMember(member, arn, `Member must satisfy regular expression pattern: ${MODEL.source}`)
}

/** @throws AwsError `InvalidArnException` for an ARN of anything but a private CA */
export function parseAuthorityArn(arn: string): AuthorityArn {
  const [, partition = '', region = '', account = ''] = AUTHORITY.exec(arn) ?? []
  if (!PARTITIONS.includes(partition))
    throw new AwsError('InvalidArnException', `Invalid CertificateAuthorityArn: ${arn}`)
  return { partition, region, account }
}

/** @returns the name with its version: "EndEntityCertificate/V1" @throws AwsError `InvalidArnException` */
export function templateName(arn: string, partition: string): string {
  const [, given, name = ''] = TEMPLATE.exec(arn) ?? []
  if (given !== partition) throw new AwsError('InvalidArnException', `Invalid TemplateArn: ${arn}`)
  return name
}
