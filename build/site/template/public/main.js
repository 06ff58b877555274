export default { defaultTheme: 'auto' };
