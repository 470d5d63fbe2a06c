/** A component that is drawn anew only when what it shows has changed: the part of preact/compat that is needed. */

import { Component, type ComponentChildren, type FunctionComponent, h } from "preact";

/** @param isSame whether the component may stay as it is */
export function memo<P extends object>(
  part: (props: P) => ComponentChildren,
  isSame: (props: P, next: P) => boolean,
): FunctionComponent<P> {
  class Kept extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return !isSame(this.props, next);
    }
    render() {
      return h(part as FunctionComponent<P>, this.props);
    }
  }
  return Kept as unknown as FunctionComponent<P>;
}
