import { z } from 'zod'
import { address, dataKey, duration, isDuration, objectName, serviceAccountName } from './common.ts'
import { exactlyOne, rules, text } from './rule.ts'

const credentialsSecret = z.object({
  name: objectName().describe(
    "Name of the Secret in the issuer's namespace (for a MeshCAClusterIssuer: in the controller's cluster resource namespace).",
  ),
  accessKeyIDKey: dataKey().default('AWS_ACCESS_KEY_ID').describe('Key of the Secret that holds the access key ID.'),
  secretAccessKeyKey: dataKey()
    .default('AWS_SECRET_ACCESS_KEY')
    .describe('Key of the Secret that holds the secret access key.'),
  sessionTokenKey: dataKey()
    .default('AWS_SESSION_TOKEN')
    .describe('Key of the Secret that holds the session token. The Secret may lack it: long-lived keys have none.'),
})

const credentials = z
  .object({
    secretRef: credentialsSecret.exactOptional().describe('Access keys in a Secret.'),
    serviceAccountRef: z
      .object({ name: serviceAccountName })
      .exactOptional()
      .describe(
        "ServiceAccount whose token, for the audience sts.amazonaws.com, is exchanged for the first role of 'assumeRole' (IAM roles for service accounts).",
      ),
  })
  .meta(
    rules({
      rule: exactlyOne('secretRef', 'serviceAccountRef'),
      message:
        "set exactly one of 'secretRef' and 'serviceAccountRef', or leave 'credentials' out to use the credentials of the controller's own environment",
    }),
  )

const tag = z.object({
  key: z.string().min(1).max(128).describe('Key of the session tag.'),
  value: z.string().max(256).describe('Value of the session tag.'),
})

const role = z
  .object({
    roleARN: text({
      pattern: '^arn:aws[-a-z0-9]*:iam::[0-9]{12}:role/[-+=,.@_/a-zA-Z0-9]+$',
      maxLength: 2048,
      message: 'write the ARN of a role, such as arn:aws:iam::111122223333:role/mesh-ca',
    }).describe('ARN of the role to assume.'),
    externalID: text({
      pattern: '^[-+=,.@:/_a-zA-Z0-9]{2,}$',
      maxLength: 1224,
      message: "write the external ID with 2 or more letters, digits and any of '_+=,.@:/-'",
    })
      .exactOptional()
      .describe("External ID that the role's trust policy asks for."),
    sessionName: text({
      pattern: '^[-+=,.@_a-zA-Z0-9]{2,64}$',
      maxLength: 64,
      message: "write a session name of 2 to 64 letters, digits and any of '_+=,.@-'",
    })
      .exactOptional()
      .describe('Name of the session, as CloudTrail shows it. Made from the issuer when left out.'),
    duration: duration()
      .exactOptional()
      .describe(
        'How long a session lasts: 15m to 12h, 1h when left out. AWS allows no more than 1h where a role is assumed with the session of another one.',
      ),
    tags: z
      .array(tag.describe('One tag.'))
      .max(50)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'] })
      .exactOptional()
      .describe('Session tags.'),
  })
  .meta(
    rules({
      rule: `!has(self.duration) || !(${isDuration('self.duration')}) || (duration(self.duration) >= duration('15m') && duration(self.duration) <= duration('12h'))`,
      message: 'write a session duration from 15m to 12h: AWS takes no other',
      fieldPath: '.duration',
    }),
  )

/** AWS Private CA as the back end. */
export const awsPrivateCA = z
  .object({
    arn: text({
      pattern: '^arn:aws[-a-z0-9]*:acm-pca:[-a-z0-9]+:[0-9]{12}:certificate-authority/[-0-9a-fA-F]{36}$',
      maxLength: 200,
      message:
        'write the ARN of a private CA, such as arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555',
    }).describe('ARN of the private CA that signs.'),
    region: text({
      pattern: '^[a-z]+(-[a-z]+)+-[0-9]{1,2}$',
      maxLength: 32,
      message: 'write the name of an AWS region, such as eu-central-1',
    })
      .exactOptional()
      .describe("AWS region to call. The region of 'arn' when left out."),
    endpoint: address()
      .exactOptional()
      .describe("Address of the AWS Private CA service, such as a VPC endpoint. AWS's own when left out."),
    stsEndpoint: address()
      .exactOptional()
      .describe("Address of the AWS Security Token Service. AWS's own when left out."),
    signingAlgorithm: z
      .enum([
        'SHA256WITHRSA',
        'SHA384WITHRSA',
        'SHA512WITHRSA',
        'SHA256WITHECDSA',
        'SHA384WITHECDSA',
        'SHA512WITHECDSA',
      ])
      .exactOptional()
      .describe('Signature algorithm of what is issued. The one that the CA itself was made for when left out.'),
    templateName: text({
      pattern: '^[A-Za-z0-9_]+/V[0-9]+$',
      maxLength: 128,
      message: 'write the last part of a template ARN, such as SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    })
      .exactOptional()
      .describe(
        'AWS template to issue with. Chosen from the request (CA or not, pathLen, usages) when left out, which is right unless a RAM share allows only another one.',
      ),
    credentials: credentials
      .exactOptional()
      .describe(
        "Where the credentials come from. The credentials of the controller's own environment when left out; a MeshCAIssuer may use those only if the operator allows it.",
      ),
    assumeRole: z
      .array(role.describe('One role.'))
      .min(1)
      .max(5)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .exactOptional()
      .describe('Roles to assume, one after the other; the last one calls the CA.'),
  })
  .meta(
    rules({
      rule: '!has(self.credentials) || !has(self.credentials.serviceAccountRef) || has(self.assumeRole)',
      message: "a token of 'credentials.serviceAccountRef' is exchanged for a role: name the role in 'assumeRole'",
      fieldPath: '.credentials',
    }),
  )
