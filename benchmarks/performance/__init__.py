"""How fast bbwizard is, measured beside what it is compared with, in one sitting."""
