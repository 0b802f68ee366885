extension ClientSocket {
    /// Waits for the whole answer to what was sent.
    package borrowing func answer(deadline: ContinuousClock.Instant) throws(TransportError) -> HTTPAnswer {
        var reader = AnswerReader()
        while true {
            let bytes = try receive(limit: 16_384, deadline: deadline)
            if bytes.isEmpty { return try reader.ended() }
            if let answer = try reader.received(bytes) { return answer }
        }
    }
}
