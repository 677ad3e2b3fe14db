import { tableDefinition } from '../aws/table.ts';
import { callStandIn } from './call-stand-in.ts';

/** Creates the table in dynalite if it is missing, and waits until it can be used. */
export async function ensureTable(endpoint: string, table: string): Promise<void> {
  const call = <Answer>(operation: string, input: object) =>
    callStandIn<Answer>({ endpoint, version: '1.0', target: `DynamoDB_20120810.${operation}`, input });
  try {
    await call('CreateTable', tableDefinition(table));
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
  }
  // dynalite reports the table as active one turn of the event loop later
  for (;;) {
    const { Table } = await call<{ Table: { TableStatus: string } }>('DescribeTable', { TableName: table });
    if (Table.TableStatus === 'ACTIVE') return;
  }
}
