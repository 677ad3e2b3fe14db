// Who may do what. Services ask `policies.ts`, which decides by these tables alone; docs/access.md is made from them.

/** What a person may do in their organisation, each with a sentence for the security team. */
export const permissions = {
  'projects.create': 'Create projects',
  'projects.take-part': 'Use what they own, what their teams own and what is shared with them',
  'projects.list-all': 'List every project of the organisation, and search in all of them',
  'projects.view-all': 'View every project of the organisation',
  'projects.change-all': 'Change, share, hand over and delete every project of the organisation',
  'trails.read': 'Read every audit trail of the organisation',
  'sign-ins.read': 'See who signed in and who was refused, with their groups',
  'settings.read': 'See how Paperlift is configured, and how much the organisation uses',
  'people.sign-out': 'List people, end their sessions, block their access',
  'people.replace': 'Hand over all projects of someone who left',
  'webhooks.manage': 'Create webhooks, see and repeat their deliveries',
  'rules.manage': 'Create rules that export finished projects and send the files to other systems',
  'machines.manage': 'Create and revoke service accounts and the directory’s access',
} as const;

export type Permission = keyof typeof permissions;

/** The roles that every organisation has, by the group that gives them. */
export const roles = {
  users: { name: 'User', permissions: ['projects.create', 'projects.take-part'] },
  auditors: { name: 'Auditor', permissions: ['projects.list-all', 'projects.view-all', 'trails.read'] },
  records: {
    name: 'Records manager',
    permissions: ['projects.take-part', 'projects.list-all', 'projects.view-all', 'trails.read'],
  },
  admins: {
    name: 'Administrator',
    permissions: [
      'projects.create',
      'projects.take-part',
      'projects.list-all',
      'projects.view-all',
      'projects.change-all',
      'trails.read',
      'sign-ins.read',
      'settings.read',
      'people.sign-out',
      'people.replace',
      'webhooks.manage',
      'rules.manage',
      'machines.manage',
    ],
  },
} as const satisfies Record<string, { name: string; permissions: readonly Permission[] }>;

export type RoleId = keyof typeof roles;

/** A role that an organisation made of the same permissions. */
export interface CustomRole {
  organisationId: string;
  name: string;
  /** The Cognito group that gives it. */
  group: string;
  permissions: readonly Permission[];
}

/** What can be done in a project, each with a sentence. */
export const actions = {
  view: 'See its pages, text and trail of exports; search in it; download exports that are ready',
  review: 'Correct and add lines, mark pages reviewed, undo one’s own steps',
  edit: 'Add, replace, move, turn and delete pages; rename it; choose its languages; assign its review; make exports; link a phone',
  manage: 'Share it, hand it over, delete it',
} as const;

export type ProjectAction = keyof typeof actions;

/** The roles in which a project is shared. */
export const memberRoles = ['viewer', 'reviewer', 'editor'] as const;
export type MemberRole = (typeof memberRoles)[number];

/** How a person stands to a project. A team's project is owned by everyone in the team. */
export type Relation = MemberRole | 'owner';

export const relations: Record<Relation, readonly ProjectAction[]> = {
  viewer: ['view'],
  reviewer: ['view', 'review'],
  editor: ['view', 'review', 'edit'],
  owner: ['view', 'review', 'edit', 'manage'],
};
