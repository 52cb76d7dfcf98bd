import { exactlyOne, type Rule } from './rule.ts'

const HIGHEST_PATH_LENGTH = '(has(self.maxPathLength) ? self.maxPathLength : self.pathLength)'

/** What `spec` of both kinds must keep to, beyond the rules of its members. */
export const COMMON_RULES: readonly Rule[] = [
  {
    rule: exactlyOne('awsPrivateCA', 'vault', 'ca'),
    message: "set exactly one back end: 'awsPrivateCA', 'vault' or 'ca'",
  },
  {
    rule: '!has(self.maxPathLength) || self.pathLength <= self.maxPathLength',
    message: "'pathLength' is above 'maxPathLength': lower 'pathLength' or raise 'maxPathLength'",
    fieldPath: '.pathLength',
  },
  {
    rule: `!has(self.awsPrivateCA) || ${HIGHEST_PATH_LENGTH} <= 3`,
    message: "AWS Private CA has no template for a pathLen above 3: lower 'pathLength' and 'maxPathLength'",
    fieldPath: '.pathLength',
  },
  {
    rule: "!has(self.awsPrivateCA) || !has(self.awsPrivateCA.templateName) || self.profile == 'EndEntity' || !self.awsPrivateCA.templateName.contains('CSRPassthrough')",
    message:
      "a CSRPassthrough template would let the requester choose the extensions of a CA: choose another 'templateName', or profile EndEntity",
    fieldPath: '.awsPrivateCA.templateName',
  },
  {
    rule: "!has(self.nameConstraints) || self.profile != 'EndEntity'",
    message: "name constraints belong in CAs: remove 'nameConstraints', or choose profile MeshCA or Any",
    fieldPath: '.nameConstraints',
  },
]

/** What only a MeshCAIssuer must keep to. */
export const NAMESPACED_RULES: readonly Rule[] = [
  {
    rule: '!has(self.allowedNamespaces)',
    message:
      "a MeshCAIssuer serves its own namespace only: remove 'allowedNamespaces', or use a MeshCAClusterIssuer to serve others",
    fieldPath: '.allowedNamespaces',
  },
]

/** What only a MeshCAClusterIssuer must keep to. */
export const CLUSTER_RULES: readonly Rule[] = [
  {
    rule: "has(self.allowedNamespaces) || self.profile == 'EndEntity'",
    message:
      "say whom this issuer serves: set 'allowedNamespaces.names', or 'allowedNamespaces.selector' ({} for every namespace); only profile EndEntity may leave it out",
  },
]
