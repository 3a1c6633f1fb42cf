return await SpikeBench.Target.Hosting.TargetProcess.RunAsync(args).ConfigureAwait(false);
