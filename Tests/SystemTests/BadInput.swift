import Testing

/// Bad input that a server must survive: each bad request gets its documented response, and the next good one works.
///
/// All suites below share one server. They run one after the other, so that its memory can be measured.
@Suite(.serialized, .timeLimit(.minutes(5))) enum BadInput {}
