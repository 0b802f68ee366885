internal import EventLoops
internal import HTTP1

/// The limits and times of an endpoint's configuration, prepared for its connections, which all share this object. The
/// times are in nanoseconds, because it takes a hundred instructions to convert a `Duration`.
final class ConnectionRules: Sendable {
    let limits: HTTPLimits
    let maxOutstanding: Int
    let maxPendingOutput: Int
    let headerNanoseconds: UInt64
    let idleNanoseconds: UInt64
    let writeStallNanoseconds: UInt64
    let lingerNanoseconds: UInt64
    let lingerTotalNanoseconds: UInt64
    let bodyTotalNanoseconds: UInt64
    let handlerNanoseconds: UInt64
    let writeBytesPerSecond: UInt32
    private let bodyNanoseconds: UInt64
    private let bodyBytesPerSecond: UInt64

    init(_ configuration: EndpointConfiguration) {
        let timeouts = configuration.timeouts
        limits = configuration.limits
        maxOutstanding = configuration.maxPipelinedRequests
        maxPendingOutput = configuration.maxPendingOutputBytes
        headerNanoseconds = timeouts.header.wholeNanoseconds
        idleNanoseconds = timeouts.idle.wholeNanoseconds
        writeStallNanoseconds = timeouts.writeStall.wholeNanoseconds
        lingerNanoseconds = timeouts.linger.wholeNanoseconds
        lingerTotalNanoseconds = timeouts.lingerTotal.wholeNanoseconds
        bodyTotalNanoseconds = timeouts.bodyTotal.wholeNanoseconds
        handlerNanoseconds = timeouts.handler.wholeNanoseconds
        writeBytesPerSecond = timeouts.writeBytesPerSecond
        bodyNanoseconds = timeouts.body.wholeNanoseconds
        bodyBytesPerSecond = UInt64(max(timeouts.bodyBytesPerSecond, 1))
    }

    /// How long a body may take, given that `bytes` of it have arrived: the base time plus the time that the least rate
    /// allows for these bytes.
    func bodyNanoseconds(received bytes: Int) -> UInt64 {
        bodyNanoseconds &+ UInt64(bytes) &* 1_000_000 / bodyBytesPerSecond &* 1_000
    }
}
