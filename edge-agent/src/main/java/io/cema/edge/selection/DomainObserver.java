package io.cema.edge.selection;

/** Told when the view goes over from one domain to another. Called on the frame-processing thread; must return at once. */
public interface DomainObserver {
    /** Nobody. */
    DomainObserver NONE = new DomainObserver() {
        @Override
        public void left(Domain domain) {}

        @Override
        public void entered(Domain domain) {}
    };

    /** Whatever ran until now served this domain. */
    void left(Domain domain);

    /** The view is of this domain now, which was left before. */
    void entered(Domain domain);
}
