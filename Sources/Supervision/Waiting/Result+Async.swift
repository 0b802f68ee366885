extension Result {
    /// Captures what `body` returns or throws. It serves an asynchronous clean-up, which `defer` cannot do:
    ///
    /// ```swift
    /// let result = await Result { try await work(connection) }
    /// await connection.close()
    /// return try result.get()
    /// ```
    package init(catching body: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
