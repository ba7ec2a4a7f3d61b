// NiiVue reads Zarr through 1.4 MB of WebAssembly; our pages hold NIfTI only.
export {};
