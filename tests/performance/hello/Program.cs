#pragma warning disable RS0030 // The console is all that it is for.
Console.WriteLine("Hello, world!");
