/** A part of a page with a heading of its own. */

import type { ComponentChildren } from "preact";

export interface CardProps {
  readonly title: string;
  /** Where the same is shown in full. */
  readonly more?: { readonly href: string; readonly label: string };
  readonly class?: string;
  readonly children: ComponentChildren;
  /** What stands beside the heading. */
  readonly beside?: ComponentChildren;
}

export function Card({ title, more, class: className = "", children, beside }: CardProps) {
  return (
    <section class={`card ${className}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {beside}
        {more !== undefined && <a class="more" href={more.href}>{more.label}</a>}
      </div>
      {children}
    </section>
  );
}
