import type { ComponentChildren } from "preact";

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  number?: boolean;
  wide?: boolean;
  /** What can be done to the row: stays in sight while the rest is scrolled. */
  deeds?: boolean;
}

function kindOf<T>(column: Column<T>): string | undefined {
  return column.number ? "number" : column.wide ? "wide" : column.deeds ? "deeds" : undefined;
}

interface TableProps<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  mark?: (row: T) => boolean;
}

/** A table that can be scrolled sideways by keyboard where it is too wide; on a phone each row is a block of named values. */
export function Table<T>({ caption, columns, rows, id, mark }: TableProps<T>) {
  return (
    <div class="table" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={kindOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)} class={mark?.(row) ? "marked" : undefined}>
              {columns.map((column) => (
                <td key={column.name} class={kindOf(column)} data-name={column.name}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
