import Testing

/// What a server must survive: each bad request gets its documented answer, and the next good one works.
///
/// All suites below share one server, and run one after the other so that its memory can be measured.
@Suite(.serialized, .timeLimit(.minutes(5))) enum BadInput {}
