// Presents the list of projects.
import { countOf, formatCount, type Pill } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import type { Team } from '../people/team.ts';
import { markWords } from '../text/names.ts';
import { type LanguageSettings, presentProjectLanguages } from './languages.presenter.ts';
import { type ProjectOverview, projectUrl, type RefusedForm } from './project.presenter.ts';
import { type ListScope, type ProjectOrder, projectOrders } from './project.ts';

export interface ProjectListInput {
  projects: ProjectOverview[];
  cursor?: string;
  /** Whether this is the first page of the list. */
  isFirst?: boolean;
  scope: ListScope;
  /** The viewer's teams. */
  teams?: Team[];
  order?: ProjectOrder;
  /** The search for names. */
  search?: string;
  mayCreate: boolean;
  mayListAll: boolean;
  now: Date;
  languages: LanguageSettings;
  form?: RefusedForm;
}

const orderLabels: Record<ProjectOrder, string> = {
  changed: 'last change',
  name: 'name',
  newest: 'newest first',
};

const headings: Record<ListScope, string> = {
  own: 'Projects',
  shared: 'Shared with you',
  team: 'Team projects',
  all: 'All projects',
};
const scopeLabels: Record<ListScope, string> = {
  own: 'Mine',
  shared: 'Shared',
  team: 'Team’s',
  all: 'Everyone’s',
};

/** The model of `projects/list`. */
export function presentProjectList(input: ProjectListInput) {
  const { order = 'changed', search = '', isFirst = true } = input;
  const { teams = [] } = input;
  const scope = input.scope === 'all' && !input.mayListAll ? 'own' : input.scope;
  const showsAll = scope === 'all';
  const scopes: ListScope[] = [
    'own',
    'shared',
    ...(teams.length > 0 ? (['team'] as const) : []),
    ...(input.mayListAll ? (['all'] as const) : []),
  ];
  const url = (changed: { scope?: string; sort?: string; q?: string; cursor?: string }) => {
    const asked = { scope: scope === 'own' ? '' : scope, sort: order, q: search, ...changed };
    const query = new URLSearchParams(
      Object.entries(asked).filter(([name, value]) => value && !(name === 'sort' && value === 'changed')),
    ).toString();
    return query ? `/?${query}` : '/';
  };
  return {
    heading: headings[scope],
    scope,
    rows: input.projects.map((overview) =>
      presentRow(overview, { showsOwner: scope !== 'own', search, now: input.now }),
    ),
    scopes: scopes.map((each) => ({
      label: each === 'team' && teams.length > 1 ? 'Your teams’' : scopeLabels[each],
      url: url({ scope: each === 'own' ? '' : each, cursor: '' }),
      current: each === scope,
    })),
    orders: projectOrders.map((each) => ({
      label: orderLabels[each],
      url: url({ sort: each }),
      current: each === order,
    })),
    orderLabel: orderLabels[order],
    order,
    search,
    found: search ? describeFound(input.projects.length, Boolean(input.cursor), search) : '',
    clearUrl: url({ q: '' }),
    hasTools: input.projects.length > 0 || search !== '' || !isFirst,
    showsAll,
    mayCreate: input.mayCreate,
    teams,
    nextUrl: input.cursor ? url({ cursor: input.cursor }) : undefined,
    firstUrl: isFirst ? undefined : url({}),
    form: input.form,
    languages: presentProjectLanguages(input.form?.languages ?? [], input.languages),
  };
}

function describeFound(count: number, hasMore: boolean, search: string): string {
  if (count === 0) return `No project names contain “${search}”.`;
  return hasMore ? `More than ${countOf(count, 'project')}` : countOf(count, 'project');
}

interface RowOptions {
  showsOwner: boolean;
  search: string;
  now: Date;
}

function presentRow(overview: ProjectOverview, { showsOwner, search, now }: RowOptions) {
  const { project, pageCount, reviewedCount } = overview;
  const facts = [countOf(pageCount, 'page')];
  if (reviewedCount > 0 && reviewedCount < pageCount) facts.push(`${formatCount(reviewedCount)} reviewed`);
  return {
    name: search ? markWords(project.name, search) : [{ text: project.name, isHit: false }],
    url: projectUrl(project),
    pages: facts.join(' · '),
    owner: showsOwner ? project.ownerName : undefined,
    thumbnails: (overview.thumbnails ?? []).slice(0, 3),
    sheets: Math.min(pageCount, 3),
    pills: pillsOf(overview),
    changed: formatTime(overview.changedAt, now),
  };
}

function pillsOf(overview: ProjectOverview): Pill[] {
  const { pageCount, failedCount, underWayCount, doubtfulCount, reviewedCount } = overview;
  if (pageCount === 0) return [{ tone: 'quiet', text: 'no pages yet' }];
  const pills: Pill[] = [];
  if (failedCount > 0) pills.push({ tone: 'failed', text: `${countOf(failedCount, 'page')} failed` });
  if (underWayCount > 0) {
    const current = Math.min(pageCount - underWayCount + 1, pageCount);
    pills.push({ tone: 'quiet', text: `processing ${formatCount(current)} of ${formatCount(pageCount)}` });
  }
  if (pills.length === 0 && doubtfulCount > 0) {
    pills.push({ tone: 'doubt', text: `${countOf(doubtfulCount, 'word')} to check` });
  }
  if (pills.length === 0)
    pills.push({ tone: 'good', text: reviewedCount === pageCount ? 'reviewed' : 'ready' });
  return pills;
}
